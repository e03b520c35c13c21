import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Content } from '../../server/channels/channel.ts';
import { anyWords, content, follow, menu, text, unfollow } from '../../server/conversation/triggers.ts';

const says = (words: string): Content => ({ kind: 'text', text: words });

test('a text trigger meets the words however they are typed', () => {
  const meant = text(/^(?:附近|nearby)$/);
  for (const words of ['附近', ' 附近。', 'NEARBY', 'ｎｅａｒｂｙ', 'Nearby!']) expect(meant(says(words))).toBe(true);
  expect(meant({ kind: 'voice', mediaId: 'm', text: '附近。' })).toBe(true);
  for (const words of ['附近的', '', 'near by']) expect(meant(says(words))).toBe(false);
  expect(meant({ kind: 'menu', key: '附近' })).toBe(false);
});

test('a trigger has no memory, also when its pattern is written with g or y', () => {
  for (const pattern of [/附近/g, /附近/y]) {
    const meant = text(pattern);
    expect([1, 2, 3].map(() => meant(says('附近')))).toEqual([true, true, true]);
  }
});

test('menu, follow and unfollow triggers take their own kind alone', () => {
  expect(menu('HELP')({ kind: 'menu', key: 'HELP' })).toBe(true);
  expect(menu('HELP')({ kind: 'menu', key: 'help' })).toBe(false);
  expect(menu('HELP')(says('HELP'))).toBe(false);
  expect(follow()({ kind: 'follow' })).toBe(true);
  expect(follow()({ kind: 'unfollow' })).toBe(false);
  expect(unfollow()({ kind: 'unfollow' })).toBe(true);
  expect(content('image', 'video')({ kind: 'video', mediaId: 'm' })).toBe(true);
  expect(content('image', 'video')({ kind: 'voice', mediaId: 'm' })).toBe(false);
  expect(anyWords()(says('x'))).toBe(true);
  expect(anyWords()({ kind: 'image' })).toBe(false);
});

test.each([
  ['*', /(a|aa)*$/],
  ['+', /^(a+)+$/],
  ['{', /(?:a|a){1,30}b/],
  ['\\1', /(a)\1/],
  ['\\k<', /(?<x>a)\k<x>/],
  ['(?=', /(?=a)b/],
  ['(?!', /(?!a)b/],
  ['(?<', /(?<=a)b/],
  ['more than 8 times ?', /a?a?a?a?a?a?a?a?a?/],
])('a pattern that repeats or looks around (%s) is refused when the scene is made', (part, pattern) => {
  expect(() => text(pattern)).toThrow(part);
});

test('a pattern that is too long is refused, and so is one that is none in Unicode mode', () => {
  expect(() => text(new RegExp('a'.repeat(401)))).toThrow('400 characters');
  expect(() => text(/a]/)).toThrow(SyntaxError);
});

test('signs of repetition that stand for themselves are taken', () => {
  expect(text(/^1\+1$/)(says('1+1'))).toBe(true);
  expect(text(/^[+*{?\]]$/)(says('*'))).toBe(true);
  expect(text(/^\\?$/)(says('\\'))).toBe(true);
  expect(text(/^\p{Script=Han}?\u{41}$/u)(says('字a'))).toBe(true);
  expect(text(/^(?:a|b)c?$/)(says('B'))).toBe(true);
});

test('no text, however long or odd, makes a trigger fail', () => {
  const meant = text(/^(?:帮助|help)\??$/);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (words) => {
      expect(typeof meant(says(words))).toBe('boolean');
    }),
  );
});
