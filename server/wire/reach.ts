import { type ClientRequest, get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../kernel/clock.ts';

/** What came of asking an address: an answer, a certificate that browsers and platforms would refuse, or nothing. */
export type Reached =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly certificateUntil?: number }
  | { readonly kind: 'bad-certificate'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string };

/** How long an answer is waited for. */
const patience = 5_000;
const longestText = 1_024;
const certificateFaults = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** Asks an address of ours from here (a GET), as a platform would: with a certificate that must hold, without following anywhere. Never throws. */
export function reach(url: URL, clock: Clock): Promise<Reached> {
  return new Promise((resolve) => {
    // A connection of its own: its certificate is the one that is shown now.
    const request: ClientRequest = (url.protocol === 'https:' ? getSecure : getPlain)(url, { agent: false });
    const stopTimer = clock.after(patience, () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    function end(reached: Reached) {
      stopTimer();
      resolve(reached);
      request.destroy();
    }
    request.on('error', (error: NodeJS.ErrnoException) => end(failed(error)));
    request.on('response', (response) => {
      const certificateUntil = validUntil(response);
      readText(response).then(
        (text) =>
          end({
            kind: 'answered',
            status: response.statusCode ?? 0,
            text,
            ...(certificateUntil !== undefined && { certificateUntil }),
          }),
        (error: NodeJS.ErrnoException) => end(failed(error)),
      );
    });
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestText) break;
  }
  return text.slice(0, longestText);
}

/** Until when the certificate holds, epoch ms. */
function validUntil({ socket }: IncomingMessage): number | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const until = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(until) ? undefined : until;
}

function failed({ code, message }: NodeJS.ErrnoException): Reached {
  const why = code ?? message;
  return { kind: certificateFaults.test(why) ? 'bad-certificate' : 'unreachable', why };
}
