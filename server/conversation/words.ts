import type { Content } from '../channels/channel.ts';
import type { Language } from '../texts/index.ts';

/** Matching looks at so many UTF-16 units: a request is short, and a longer text is no reason to search longer. */
const longestRequest = 200;

/** What the follower said in words, typed or recognised from speech; undefined when there are none. */
export function wordsOf(content: Content): string | undefined {
  const words = content.kind === 'text' || content.kind === 'voice' ? content.text?.trim() : undefined;
  return words === '' ? undefined : words;
}

/**
 * Words as they are compared: full-width forms and case folded, invisible characters, outer white space and the full stops
 * that people and speech recognition put at the end taken away, inner white space single. "？" becomes "?", "ＨＥＬＰ　" and "Help." become "help".
 */
export function foldWords(words: string): string {
  const plain = words.slice(0, longestRequest).normalize('NFKC').toLowerCase();
  return trimEnd(
    plain
      .replaceAll(/\p{Cf}/gu, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
}

/** The language that the words are in: Chinese as soon as there is a Chinese character, English for Latin letters alone; undefined when they do not tell. */
export function languageOf(words: string): Language | undefined {
  const head = words.slice(0, longestRequest);
  if (/\p{Script=Han}/u.test(head)) return 'zh';
  const letters = head.normalize('NFKC').match(/\p{L}/gu);
  return letters?.every((letter) => /\p{Script=Latin}/u.test(letter)) ? 'en' : undefined;
}

/** By hand, since an expression for "some of these, then the end" is tried anew at each of them. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && '.。!… '.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
