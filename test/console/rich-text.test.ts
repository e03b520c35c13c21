import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitText } from '../../console/src/sandbox/rich-text.ts';

describe('a text reply', () => {
  test('without links is one piece, markup and all', () => {
    expect(splitText('a < b & <b>bold</b>')).toEqual([{ text: 'a < b & <b>bold</b>' }]);
    expect(splitText('')).toEqual([]);
  });

  test.each([
    ['<a href="https://example.com/a?b=1&c=2">看看</a>', 'https://example.com/a?b=1&c=2'],
    ["<a href='http://example.com'>看看</a>", 'http://example.com/'],
    ['<A class="x" HREF = "https://example.com/">看看</A>', 'https://example.com/'],
  ])('shows %s as a link', (text, url) => {
    expect(splitText(`去 ${text}。`)).toEqual([{ text: '去 ' }, { text: '看看', url }, { text: '。' }]);
  });

  test('names a link without words by its address', () => {
    expect(splitText('<a href="https://example.com/"></a>')).toEqual([
      { text: 'https://example.com/', url: 'https://example.com/' },
    ]);
  });

  test.each([
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="//example.com">x</a>',
    '<a href="/sandbox/">x</a>',
    '<a href=https://example.com>x</a>',
    '<a data-href="https://example.com">x</a>',
    '<a href="https://example.com">never closed',
    '<a href="https://exa<b>mple.com">x</a>',
  ])('shows %s as it stands', (text) => {
    expect(splitText(text)).toEqual([{ text }]);
  });

  test('loses nothing and links nowhere but to web pages, whatever it holds', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('<a href="', '">', '</a>', "'", 'javascript:', 'https://x.cn', '<a ', '>'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const split = splitText(text);
        for (const { url } of split) if (url !== undefined) expect(url).toMatch(/^https?:\/\//);
        if (split.every(({ url }) => url === undefined)) expect(split.map((part) => part.text).join('')).toBe(text);
      }),
    );
  });
});
