import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldWords, languageOf, wordsOf } from '../../server/conversation/words.ts';

test('words are compared as they are meant, not as the keyboard wrote them', () => {
  expect(foldWords(' ＨＥＬＰ　')).toBe('help');
  expect(foldWords('Help.')).toBe('help');
  expect(foldWords('帮助。')).toBe('帮助');
  expect(foldWords('帮助！！…')).toBe('帮助');
  expect(foldWords('？')).toBe('?');
  expect(foldWords('\u200b帮\u200d助\ufeff')).toBe('帮助');
  expect(foldWords('opening \t\n  hours')).toBe('opening hours');
});

test('folding what is folded changes nothing, and a long text does not become longer work', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (words) => {
      expect(foldWords(foldWords(words))).toBe(foldWords(words));
    }),
    { numRuns: 2_000 },
  );
  expect(foldWords('x'.repeat(100_000))).toHaveLength(200);
});

test('what is said aloud counts as words, white space and pictures do not', () => {
  expect(wordsOf({ kind: 'text', text: ' 帮助 ' })).toBe('帮助');
  expect(wordsOf({ kind: 'voice', mediaId: 'm', text: '帮助。' })).toBe('帮助。');
  expect(wordsOf({ kind: 'voice', mediaId: 'm' })).toBeUndefined();
  expect(wordsOf({ kind: 'text', text: ' \n' })).toBeUndefined();
  expect(wordsOf({ kind: 'image', mediaId: 'm' })).toBeUndefined();
});

test('the language of an answer is that of the question', () => {
  expect(languageOf('你们几点开门')).toBe('zh');
  expect(languageOf('wifi密码')).toBe('zh');
  expect(languageOf('When do you open?')).toBe('en');
  expect(languageOf('ＯＫ')).toBe('en');
  expect(languageOf('café')).toBe('en');
});

test('a figure, a sign, an emoji and a third language do not tell', () => {
  for (const words of ['', '?', '123', '😀', 'привет', 'こんにちは hi']) expect(languageOf(words)).toBeUndefined();
});
