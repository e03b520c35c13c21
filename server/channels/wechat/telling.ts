import { Fault, PlatformError } from '../../kernel/errors.ts';
import type { Telling, TellingOutcome } from '../channel.ts';
import { notReached } from './api.ts';
import type { WechatClient } from './client.ts';
import { cutText } from './reply.ts';

const sendCall = 'cgi-bin/message/custom/send';

/** Tells a follower something by a message of customer service (wechat.md §7). What goes wrong is an outcome; only what nobody foresaw is thrown. */
export async function tellFollower(
  client: WechatClient,
  { accountId, openid, content }: { accountId: string; openid: string; content: Telling },
): Promise<TellingOutcome> {
  try {
    await client.of(accountId).call(sendCall, { touser: openid, msgtype: 'text', text: { content: cutText(content.text) } });
    return { outcome: 'sent' };
  } catch (error) {
    if (error instanceof PlatformError) return outcomeOf(error);
    if (error instanceof Fault) return outcomeOfFault(error);
    throw error;
  }
}

function outcomeOf({ api, code, retry, reason }: PlatformError): TellingOutcome {
  const why = reason ?? String(code);
  const isAnswered = typeof code === 'number';
  if (isAnswered && retry === 'no') return { outcome: 'refused', reason: why };
  // A token that was refused, a busy platform, a call of another kind that failed before this one: nothing was done.
  if (isAnswered || reason === notReached || api !== sendCall) return { outcome: 'not-taken', reason: why };
  return { outcome: 'unknown', reason: why };
}

/** Faults are thrown before anything is sent. */
function outcomeOfFault({ code }: Fault): TellingOutcome {
  if (code === 'server.unavailable' || code === 'server.failed') return { outcome: 'not-taken', reason: code };
  return { outcome: 'refused', reason: code === 'request.refused' ? 'no-secret' : code };
}
