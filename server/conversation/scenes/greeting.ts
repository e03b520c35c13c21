import { scene } from '../scene.ts';
import { content, follow } from '../triggers.ts';

/** Somebody comes in: follows for the first time, follows again, or scans one of the merchant's codes while following. */
export const greeting = scene({
  name: 'greeting',
  on: [follow(), content('scan')],
  answer({ inbound, follower, merchant, reply }) {
    const isKnown = inbound.content.kind === 'scan' || (follower.leftAt !== undefined && follower.leftAt <= inbound.sentAt);
    return reply.text(isKnown ? 'greeting.return' : 'greeting.first', { merchant: merchant.name });
  },
});
