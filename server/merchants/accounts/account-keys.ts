import type { Id } from '../../kernel/ids.ts';
import { pick, type Random } from '../../kernel/random.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Credentials } from './account.ts';
import type { SealedCredentials } from './account-records.ts';

const lettersAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const tokenLength = 32;
/** Of 43 characters in base64 AES takes 32 bytes. */
const aesKeyLength = 43;

/** A token and a key in the shapes that platforms take. */
export function makeKeys(random: Random): Required<Pick<Credentials, 'token' | 'encodingAesKey'>> {
  return { token: pick(lettersAndDigits, tokenLength, random), encodingAesKey: pick(lettersAndDigits, aesKeyLength, random) };
}

/** Seals each credential for its field of this account: elsewhere it does not open. */
export function sealCredentials(vault: Vault, id: Id<'account'>, credentials: Credentials): SealedCredentials {
  return mapFields(credentials, (text, field) => vault.seal(text, contextOf(id, field)));
}

/** Throws `server.failed` when the vault has no key for them. */
export function openCredentials(vault: Vault, id: Id<'account'>, sealed: SealedCredentials): Credentials {
  return mapFields(sealed, (text, field) => vault.open(text, contextOf(id, field)));
}

const contextOf = (id: Id<'account'>, field: string): string => `account:${id}:${field}`;

function mapFields(fields: Credentials, change: (text: string, field: string) => string): Credentials {
  const entries = Object.entries(fields).map(([field, text]) => [field, change(text, field)] as const);
  return Object.freeze(Object.fromEntries(entries)) as unknown as Credentials;
}
