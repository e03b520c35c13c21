import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textSchema } from '../../server/api/schemas.ts';

describe('a text that people read', () => {
  const schema = textSchema(500_000);

  it('shows something and holds no control characters', () => {
    const character = fc.constantFrom(
      'a',
      '茶',
      '9',
      '!',
      '+',
      ' ',
      '\u3000',
      '\u0301',
      '\u0000',
      '\u200b',
      '\u200d',
      '\n',
      '😀',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(character, { maxLength: 12 }), (characters) => {
        const text = characters.join('').trim();
        const first = text.search(/[\p{L}\p{N}\p{P}\p{S}]/u);
        // A joiner has something before it that it joins.
        const rest = text.slice(0, first) + text.slice(first).replaceAll('\u200d', '');
        const isFine = first >= 0 && !/\p{C}/u.test(rest);
        expect(schema.safeParse(text).success).toBe(isFine);
      }),
    );
  });

  it('may be a name in letters that join, or with an emoji of several', () => {
    for (const name of ['نماینده\u200cها', '麦香 👩\u200d🍳']) expect(schema.safeParse(name).success).toBe(true);
  });

  // A pattern that tries every place anew would go on for minutes.
  it('is read through once, however long it is and however it ends', () => {
    expect(schema.safeParse(`${'a'.repeat(400_000)}\u0000`).success).toBe(false);
    expect(schema.safeParse(`${'\u3000\u0301'.repeat(200_000)}\u0000`).success).toBe(false);
    expect(schema.safeParse(`a${' '.repeat(400_000)}a`).success).toBe(true);
  });
});
