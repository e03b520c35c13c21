import { commandError, unsupported } from './errors.ts';

/** A pattern and MongoDB's options (imsxu) as JavaScript's regular expression; 51091 and 51108 for bad ones. */
export function toRegExp(pattern: string, options = ''): RegExp {
  const flags = new Set(options);
  for (const flag of flags) if (!'imsxu'.includes(flag)) throw commandError(51108, `invalid flag in regex options: ${flag}`);
  let source = pattern;
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  if (inline) {
    for (const flag of inline[1] ?? '') flags.add(flag);
    source = source.slice(inline[0].length);
  }
  if (flags.delete('x')) source = withoutComments(source);
  flags.delete('u');
  return build(translate(source), [...flags].join(''));
}

/** PCRE reads UTF-8 by code point, which is JavaScript's flag u; patterns that are too loose for it are read without. */
function build(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    try {
      return new RegExp(source, flags);
    } catch (cause) {
      throw commandError(51091, `Regular expression is invalid: ${cause instanceof Error ? cause.message : cause}`);
    }
  }
}

/** The option x: white space and comments outside of classes are for the reader only. */
function withoutComments(source: string): string {
  return source.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#.*/g, (part) => (/^[\s#]/.test(part) ? '' : part));
}

/** What PCRE has and JavaScript would silently read as something else. */
function translate(source: string): string {
  if (/\[\[:\w+:\]/.test(source)) throw unsupported('A POSIX class in a regular expression');
  return source.replace(/\\(.)/gs, (escaped, character: string) => {
    if (character === 'A') return '(?<![\\s\\S])';
    if (character === 'z') return '(?![\\s\\S])';
    if (character === 'Z') return '(?=\\n?(?![\\s\\S]))';
    if ('QEKGRXhHvVNC'.includes(character)) throw unsupported(`\\${character} in a regular expression`);
    return escaped;
  });
}
