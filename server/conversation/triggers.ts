import type { Content } from '../channels/channel.ts';
import { fault } from '../kernel/errors.ts';
import { foldWords, wordsOf } from './words.ts';

/** Decides whether a scene is meant. */
export type Trigger = (content: Content) => boolean;

/**
 * Words that match, as `foldWords` writes them; `i` goes without saying. The pattern may choose (`|`, `[…]`, `?`) but not repeat or look around:
 * whatever a follower sends, matching ends in time that the pattern alone decides. What it may not is refused at once, when the scene is made.
 */
export function text(pattern: RegExp): Trigger {
  const forbidden = forbiddenPart(pattern.source);
  if (forbidden)
    throw fault('config.invalid', `the trigger ${pattern} uses "${forbidden}"; a trigger may only choose, with | [] and ?`);
  const compiled = new RegExp(pattern.source, 'iu');
  return (content) => {
    const words = wordsOf(content);
    return words !== undefined && compiled.test(foldWords(words));
  };
}

/** Words of any kind. */
export function anyWords(): Trigger {
  return (content) => wordsOf(content) !== undefined;
}

/** A tap on the menu item with this key. */
export function menu(key: string): Trigger {
  return (content) => content.kind === 'menu' && content.key === key;
}

/** Somebody follows. */
export function follow(): Trigger {
  return content('follow');
}

/** Somebody unfollows: a scene may tidy up, but nobody is there to read an answer. */
export function unfollow(): Trigger {
  return content('unfollow');
}

/** Any content of these kinds. */
export function content(...kinds: readonly Content['kind'][]): Trigger {
  return ({ kind }) => kinds.includes(kind);
}

const mostOptionalParts = 8;
const longestPattern = 400;

/** The first part of a pattern's source that could make matching take long. */
function forbiddenPart(source: string): string | undefined {
  if (source.length > longestPattern) return `more than ${longestPattern} characters`;
  // Escapes and classes first, so that what stands in them is taken for itself. Each alternative begins with another character.
  const parts = source.matchAll(/\\(?:k<|[pPu]\{[^}]*\}|.)|\[(?:\\.|[^\]\\])*\]|\(\?[:=!<]?|[*+{?]/gsu);
  let optionalParts = 0;
  for (const [part] of parts) {
    if (/^\\(?:[1-9]|k<)|^\(\?(?!:)|^[*+{]/.test(part)) return part;
    if (part === '?' && ++optionalParts > mostOptionalParts) return `more than ${mostOptionalParts} times ?`;
  }
  return undefined;
}
