import { scene } from '../scene.ts';
import { menu, text } from '../triggers.ts';

/** What one can do here. */
export const help = scene({
  name: 'help',
  on: [text(/^(?:(?:帮助|幫助|菜单|菜單|help|menu)\??|\?\??)$/), menu('HELP')],
  answer: ({ merchant, reply }) => reply.text('help', { merchant: merchant.name }),
});
