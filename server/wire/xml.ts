import { fault } from '../kernel/errors.ts';

/** The leaves of a document, the root left out: nested ones by path ("ScanCodeInfo/ScanType"), a list where an element repeats, always strings. */
export type Fields = Record<string, string | string[]>;

/** What `writeXml` writes: text goes into CDATA, numbers stand bare, a list repeats its element, undefined is left out. */
export interface Tree {
  readonly [name: string]: string | number | Tree | readonly (string | number | Tree)[] | undefined;
}

const maxDepth = 16;
const maxElements = 2_000;
/** Bounds what a path can cost; the longest name among the platforms' own has 24 characters. */
const maxNameLength = 64;

/**
 * Reads the strict subset of XML that the platforms send, in one pass and linear time. White space around CDATA and at the ends of
 * text is dropped (real card events have it, wechat.md §1.5), text beside child elements is ignored, control characters are let
 * through. Anything else, DOCTYPE, comments, instructions and attributes included, is a Fault `callback.malformed` that says what and where.
 */
export function readXml(text: string): Fields {
  if (text.includes('\0')) throw malformed('has a NUL character', text.indexOf('\0'));
  const fields: Fields = Object.create(null);
  const open: Element[] = [];
  let elements = 0;
  let at = afterDeclaration(text);
  for (;;) {
    const tag = text.indexOf('<', at);
    const element = open.at(-1);
    const run = text.slice(at, tag === -1 ? undefined : tag);
    if (element) element.pending += decode(run, at);
    else if (trimStart(run) !== '') throw malformed('has text outside its root element', at);
    if (tag === -1) break;

    const next = text.charCodeAt(tag + 1);
    if (next === slash) {
      at = closeElement(text, tag, open, fields);
    } else if (next === exclamation) {
      at = readCdata(text, tag, element);
    } else {
      if (!element && elements > 0) throw malformed('has more than one root element', tag);
      if (++elements > maxElements) throw malformed(`has more than ${maxElements} elements`, tag);
      at = openElement(text, tag, open, fields);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) throw malformed(`ends before <${unclosed.name}> is closed`, text.length);
  if (elements === 0) throw malformed('has no element', 0);
  return fields;
}

/** Writes a document with the root `xml`, as WeChat reads it. No text can break out of it: `]]>` is split, characters that XML 1.0 forbids are dropped. */
export function writeXml(tree: Tree): string {
  return `<xml>${writeChildren(tree)}</xml>`;
}

interface Element {
  readonly name: string;
  /** Empty for the root. */
  readonly path: string;
  /** Settled up to the last CDATA section; undefined before the first. */
  value: string | undefined;
  /** Text after that. */
  pending: string;
  hasChildren: boolean;
}

const slash = 0x2f;
const exclamation = 0x21;
const greaterThan = 0x3e;

function afterDeclaration(text: string): number {
  if (!text.startsWith('<?xml ')) return 0;
  const end = text.indexOf('?>');
  if (end === -1) throw malformed('has an XML declaration without an end', 0);
  return end + 2;
}

function openElement(text: string, tag: number, open: Element[], fields: Fields): number {
  const nameEnd = endOfName(text, tag + 1);
  const name = text.slice(tag + 1, nameEnd);
  const parent = open.at(-1);
  if (parent) parent.hasChildren = true;
  if (open.length === maxDepth) throw malformed(`nests deeper than ${maxDepth} elements`, tag);
  const path = parent ? (parent.path === '' ? name : `${parent.path}/${name}`) : '';
  const element = { name, path, value: undefined, pending: '', hasChildren: false };

  let at = skipSpace(text, nameEnd);
  if (text.charCodeAt(at) === slash) {
    at++;
    keep(element, fields);
  } else {
    open.push(element);
  }
  if (text.charCodeAt(at) !== greaterThan) throw malformed(`has a tag <${name}> that does not end after its name`, tag);
  return at + 1;
}

function closeElement(text: string, tag: number, open: Element[], fields: Fields): number {
  const element = open.pop();
  if (!element) throw malformed('closes an element that is not open', tag);
  const nameStart = tag + 2;
  const at = text.startsWith(element.name, nameStart) ? skipSpace(text, nameStart + element.name.length) : -1;
  if (text.charCodeAt(at) !== greaterThan) throw malformed(`closes another element than <${element.name}>`, tag);
  keep(element, fields);
  return at + 1;
}

function readCdata(text: string, tag: number, element: Element | undefined): number {
  if (!text.startsWith('<![CDATA[', tag)) throw malformed('has a DOCTYPE, a comment or another declaration', tag);
  if (!element) throw malformed('has text outside its root element', tag);
  const start = tag + '<![CDATA['.length;
  const end = text.indexOf(']]>', start);
  if (end === -1) throw malformed('has a CDATA section without an end', tag);
  const before = element.value === undefined ? trimStart(element.pending) : element.value + element.pending;
  element.value = before + text.slice(start, end);
  element.pending = '';
  return end + ']]>'.length;
}

function keep({ path, value, pending, hasChildren }: Element, fields: Fields): void {
  if (hasChildren || path === '') return;
  const text = value === undefined ? trimEnd(trimStart(pending)) : value + trimEnd(pending);
  const earlier = fields[path];
  if (earlier === undefined) fields[path] = text;
  else if (typeof earlier === 'string') fields[path] = [earlier, text];
  else earlier.push(text);
}

function endOfName(text: string, start: number): number {
  let at = start;
  while (isNameCharacter(text.charCodeAt(at))) at++;
  if (at === start) throw malformed('has a tag without a name, an instruction, or a bare <', start - 1);
  if (at - start > maxNameLength) throw malformed(`has a name longer than ${maxNameLength} characters`, start);
  return at;
}

/** Letters, digits, `_` and `-` of ASCII: all that platforms use, and nothing that a path or a stored field name could be misread by. */
function isNameCharacter(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d;
}

const entities = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decode(text: string, position: number): string {
  let ampersand = text.indexOf('&');
  if (ampersand === -1) return text;
  let decoded = '';
  let at = 0;
  while (ampersand !== -1) {
    const end = text.indexOf(';', ampersand);
    const name = end === -1 ? '' : text.slice(ampersand + 1, end);
    const character = entities.get(name) ?? numbered(name);
    if (character === undefined) throw malformed('has a bare & or an entity that XML does not define', position + ampersand);
    decoded += text.slice(at, ampersand) + character;
    at = end + 1;
    ampersand = text.indexOf('&', at);
  }
  return decoded + text.slice(at);
}

function numbered(name: string): string | undefined {
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (!digits) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : '';
  return character.replace(forbidden, '') === '' ? undefined : character;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** XML's white space only: `String.trim` would also take an ideographic space that somebody typed. */
function trimStart(text: string): string {
  return text.slice(skipSpace(text, 0));
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The complement of XML 1.0's `Char`; with the u flag it takes lone surrogates but not pairs. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function writeChildren(tree: Tree): string {
  let written = '';
  for (const [name, content] of Object.entries(tree)) {
    if (endOfName(name, 0) !== name.length) throw malformed('would have a name that is none', 0);
    for (const one of Array.isArray(content) ? content : [content]) {
      if (one !== undefined) written += `<${name}>${writeContent(one)}</${name}>`;
    }
  }
  return written;
}

function writeContent(content: string | number | Tree): string {
  if (typeof content === 'number') return String(content);
  if (typeof content === 'object') return writeChildren(content);
  return `<![CDATA[${content.replace(forbidden, '').replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

function malformed(what: string, position: number) {
  return fault('callback.malformed', `The XML ${what} (at character ${position}).`);
}
