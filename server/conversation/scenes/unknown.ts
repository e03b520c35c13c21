import { scene } from '../scene.ts';
import { anyWords, content } from '../triggers.ts';

/** The last scene: nobody else took what the follower sent, so they are told what they may send. */
export const unknown = scene({
  name: 'unknown',
  on: [anyWords(), content('text', 'image', 'voice', 'video', 'place', 'link', 'file', 'menu')],
  answer({ inbound, merchant, reply }) {
    if (anyWords()(inbound.content)) return reply.text('unknown.text', { merchant: merchant.name });
    return inbound.content.kind === 'menu' ? reply.text('unknown.menu') : reply.text('unknown.content');
  },
});
