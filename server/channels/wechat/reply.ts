import { writeXml } from '../../wire/xml.ts';
import type { Inbound, Reply } from '../channel.ts';

/** What acknowledges a message without an answer to the follower (wechat.md §1.2). */
export const acknowledgement = 'success';

/**
 * The passive reply to a message, written at `at` (epoch ms), as XML with sender and receiver changed over; undefined when there is nothing
 * to show. Text is cut to what the platform takes, never within a character (wechat.md §1.6).
 */
export function writeReply(reply: Reply, message: Inbound, originalId: string, at: number): string | undefined {
  if (reply.kind === 'none' || reply.text === '') return undefined;
  return writeXml({
    ToUserName: message.openid,
    FromUserName: originalId,
    CreateTime: Math.floor(at / 1000),
    MsgType: reply.kind,
    Content: cutText(reply.text),
  });
}

const maxTextBytes = 2048;
const encoder = new TextEncoder();
const room = new Uint8Array(maxTextBytes);

/** As much of a text as one message takes, never cut within a character. */
export function cutText(text: string): string {
  // Below a third of the limit no text can be too long: a UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= maxTextBytes) return text;
  return text.slice(0, encoder.encodeInto(text, room).read);
}
