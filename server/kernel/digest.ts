import { createHash } from 'node:crypto';

/** SHA-256 of a text, as 43 characters of base64url. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
