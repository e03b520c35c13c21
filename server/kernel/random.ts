/** Gives this many bytes from a cryptographic source. */
export type Random = (size: number) => Uint8Array;

/** A text of this many characters of an alphabet of at most 256, each as likely as any other: a byte that would favour the first ones is drawn again. */
export function pick(alphabet: string, length: number, random: Random): string {
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) if (byte < limit) text += alphabet[byte % alphabet.length];
  }
  return text;
}
