import type { Random } from '../kernel/random.ts';
import { createEnvelopeKey, sealEnvelope } from '../wire/envelope.ts';
import { signatureOf } from '../wire/signature.ts';
import { makeNonce, type SandboxAccount } from './accounts.ts';
import { writeElements } from './speech.ts';

/** A message as all its tries carry it. */
export interface Sealed {
  readonly body: string;
  /** The base64 that `msg_signature` covers; absent in plain mode. */
  readonly encrypted?: string;
}

const randomOfEnvelope = 16;

/** The body of a callback in the account's mode: plain as it is, compatible with the cipher text behind the plain elements, safe with the cipher text alone (wechat.md §2). */
export function sealMessage(account: SandboxAccount, xml: string, random: Random): Sealed {
  if (account.mode === 'plain') return { body: xml };
  const key = createEnvelopeKey(account.encodingAesKey);
  const encrypted = sealEnvelope(xml, key, account.appId, random(randomOfEnvelope));
  if (account.mode === 'safe') {
    const elements = [['ToUserName', account.originalId] as const, ['Encrypt', encrypted] as const];
    return { body: writeElements(elements), encrypted };
  }
  return { body: xml.replace(/<\/xml>$/, `<Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`), encrypted };
}

/** The query of one try: a nonce, a timestamp and signatures of its own (wechat.md §1.1, §14.3). `now` is epoch ms. */
export function signTry(
  account: SandboxAccount,
  { openid, encrypted, now, random }: { openid: string; encrypted?: string | undefined; now: number; random: Random },
): Record<string, string> {
  const { timestamp, nonce, signature } = signAddress(account, now, random);
  const plain = { signature, timestamp, nonce, openid };
  if (encrypted === undefined) return plain;
  return { ...plain, encrypt_type: 'aes', msg_signature: signatureOf([account.token, timestamp, nonce, encrypted]) };
}

/** The three parameters that every request to the server carries; they say that the caller knows the token. */
export function signAddress(account: SandboxAccount, now: number, random: Random) {
  const timestamp = String(Math.floor(now / 1000));
  const nonce = makeNonce(random);
  return { signature: signatureOf([account.token, timestamp, nonce]), timestamp, nonce };
}
