import fc from 'fast-check';
import type { Fields, Tree } from '../../server/wire/xml.ts';

/** Text of the characters that XML 1.0 allows, markup more often than chance would have it. */
export const allowedText = fc
  .array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(']]>', '<![CDATA[', '&amp;', '<', '</a>', '中文', '😀', ' ', '\n')),
    { maxLength: 6 },
  )
  .map((parts) => parts.join('').replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ''));

const names = fc.constantFrom('A', 'B', 'MsgType', 'item', 'List', 'a-1', '_b');
const space = fc.constantFrom('', '', ' ', '\n  ', '\t', '\r\n');

interface Written {
  readonly text: string;
  /** Leaves in document order: path below this element, and content. */
  readonly leaves: readonly (readonly [path: string, content: string])[];
}

const textOutsideCdata = allowedText.map((content) => content.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));

const leaf: fc.Arbitrary<Written> = fc.oneof(
  fc.tuple(space, textOutsideCdata, space, fc.boolean()).map(([before, content, after, numbered]) => ({
    text: before + escapeText(content, numbered) + after,
    leaves: [['', content]] as const,
  })),
  fc.tuple(space, allowedText, space).map(([before, content, after]) => ({
    text: `${before}<![CDATA[${content.replaceAll(']]>', ']]]]><![CDATA[>')}]]>${after}`,
    leaves: [['', content]] as const,
  })),
);

const { children } = fc.letrec<{ children: Written; content: Written }>((tie) => ({
  children: fc.array(fc.tuple(names, tie('content'), space), { minLength: 1, maxLength: 5 }).map((elements) => ({
    text: elements.map(([name, content, after]) => `<${name}>${content.text}</${name}>${after}`).join(''),
    leaves: elements.flatMap(([name, content]) =>
      content.leaves.map(([path, text]) => [path === '' ? name : `${name}/${path}`, text] as const),
    ),
  })),
  content: fc.oneof({ maxDepth: 4, depthIdentifier: 'document' }, leaf, tie('children')),
}));

/** A well-formed document of the platforms' subset, and the fields it was made of. */
export const randomDocument: fc.Arbitrary<{ text: string; fields: Fields }> = fc
  .tuple(fc.constantFrom('', '<?xml version="1.0" encoding="utf-8"?>', '<?xml version="1.0"?>\n'), children, space)
  .map(([declaration, { text, leaves }, after]) => ({
    text: `${declaration}<xml>${text}</xml>${after}`,
    fields: gather(leaves),
  }));

/** A tree to write, and the fields that reading it must give. */
export const nestedTree: fc.Arbitrary<{ tree: Tree; fields: Fields }> = fc
  .dictionary(
    names,
    fc.oneof(allowedText, fc.nat(), fc.array(fc.dictionary(names, allowedText, { minKeys: 1 }), { maxLength: 3 })),
  )
  .map((tree) => ({ tree, fields: gather(leavesOf(tree)) }));

function leavesOf(tree: Tree): [string, string][] {
  return Object.entries(tree).flatMap(([name, content]) =>
    (Array.isArray(content) ? content : [content]).flatMap((one): [string, string][] =>
      typeof one === 'object' ? leavesOf(one).map(([path, text]) => [`${name}/${path}`, text]) : [[name, String(one)]],
    ),
  );
}

function gather(leaves: readonly (readonly [path: string, content: string])[]): Fields {
  const fields: Fields = {};
  for (const [path, content] of leaves) {
    const earlier = fields[path];
    fields[path] = earlier === undefined ? content : [...(typeof earlier === 'string' ? [earlier] : earlier), content];
  }
  return fields;
}

function escapeText(content: string, numbered: boolean): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return numbered ? escaped.replace(/[^ -~]/gu, (character) => `&#${character.codePointAt(0)};`) : escaped;
}
