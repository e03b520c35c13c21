import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { fault } from './errors.ts';

/** Seals what must not be read from the database or a backup of it. */
export interface Vault {
  /** Seals a text (AES-256-GCM). The context says where it belongs (`account:<id>:token`): elsewhere it does not open. */
  seal(text: string, context: string): string;
  /** Opens what was sealed for this context. Throws `server.failed` when no key opens it. */
  open(sealed: string, context: string): string;
  /** Was it sealed with the newest key: if not, it wants to be sealed anew. */
  isCurrent(sealed: string): boolean;
}

const nonceLength = 12;
const tagLength = 16;
const keyLength = 32;

/** A vault of these keys of 32 bytes: the first seals, all open. */
export function createVault(keys: readonly Uint8Array[]): Vault {
  const named = new Map(keys.map((key) => [nameOf(key), key]));
  const [newest] = named;
  if (!newest || keys.some(({ length }) => length !== keyLength)) throw fault('config.invalid', 'A sealing key has 32 bytes.');
  const [currentName, currentKey] = newest;

  return {
    seal(text, context) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', currentKey, nonce, { authTagLength: tagLength }).setAAD(Buffer.from(context));
      const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${currentName}.${bytes.toString('base64url')}`;
    },
    open(sealed, context) {
      const [version, name = '', text = ''] = sealed.split('.');
      const key = named.get(name);
      if (version !== 'v1' || !key)
        throw fault('server.failed', `nothing here opens what the key ${name} sealed: give it as SECRETS_PREVIOUS_KEY`);
      const bytes = Buffer.from(text, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceLength), { authTagLength: tagLength })
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(-tagLength));
        return decipher.update(bytes.subarray(nonceLength, -tagLength), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw fault(
          'server.failed',
          `what is sealed for ${context} does not open: it was changed, or moved from elsewhere`,
          error,
        );
      }
    },
    isCurrent: (sealed) => sealed.startsWith(`v1.${currentName}.`),
  };
}

/** Names a key without giving it away. */
const nameOf = (key: Uint8Array): string => createHash('sha256').update('name').update(key).digest('hex').slice(0, 8);
