import { createHmac, randomBytes } from 'node:crypto';

/** The headers by which a receiver knows that a request is ours (https://www.standardwebhooks.com). */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

const prefix = 'whsec_';
const secretBytes = 32;

/** A new secret, in the form that libraries for Standard Webhooks take. */
export const createSecret = (): string => `${prefix}${randomBytes(secretBytes).toString('base64')}`;

/** Signs a body with each of these secrets: while they are changed a receiver may know either. `sentAt` is epoch ms; what is signed are seconds. */
export function signBody(secrets: readonly string[], id: string, sentAt: number, body: string): SignatureHeaders {
  const timestamp = String(Math.floor(sentAt / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
