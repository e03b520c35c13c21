import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStringPromise } from 'xml2js';
import { type Fields, readXml, type Tree, writeXml } from '../../server/wire/xml.ts';
import { allowedText, nestedTree, randomDocument } from './documents.ts';

const cases = new URL('../cases/inbound/', import.meta.url);
const manifest: { cases: { id: string; file: string; fields: Fields }[] } = JSON.parse(
  readFileSync(new URL('manifest.json', cases), 'utf8'),
);

describe('what platforms really send', () => {
  it.each(manifest.cases)('$id reads as an independent parser read it', ({ file, fields }) => {
    const read = readXml(readFileSync(new URL(file, cases), 'utf8'));
    expect(pick(read, Object.keys(fields))).toEqual(fields);
  });

  it.each(manifest.cases)('$id has no field that xml2js does not read as well', async ({ file }) => {
    const text = readFileSync(new URL(file, cases), 'utf8');
    expect(trimmed(readXml(text))).toEqual(trimmed(await oracle(text)));
  });

  it('covers every document there is', () => {
    const documents = readdirSync(cases).filter((name) => name.endsWith('.xml'));
    expect(manifest.cases.map(({ file }) => file).sort()).toEqual(documents.sort());
  });
});

describe('reading', () => {
  const read = (content: string) => ({ ...readXml(`<xml>${content}</xml>`) });

  it('keeps CDATA as it stands and drops the white space around it', () => {
    expect(read('<A> \n<![CDATA[ <b>&amp; ]]>\t</A>')).toEqual({ A: ' <b>&amp; ' });
  });

  it('drops the outer white space of other text, but not the white space of other scripts', () => {
    expect(read('<A>\r\n a  b\t</A><B>\u3000</B>')).toEqual({ A: 'a  b', B: '\u3000' });
  });

  it('joins a text that had to be split over several CDATA sections', () => {
    expect(read('<A><![CDATA[a]]]]><![CDATA[>b]]></A>')).toEqual({ A: 'a]]>b' });
  });

  it('names nested fields by their path and makes a list where an element repeats', () => {
    expect(read('<P><i><M>1</M></i><i><M>2</M></i><i><M>3</M></i></P>')).toEqual({ 'P/i/M': ['1', '2', '3'] });
  });

  it('ignores text beside child elements', () => {
    expect(read('<A>1</A> // a remark <P>x<B>2</B>y</P>')).toEqual({ A: '1', 'P/B': '2' });
  });

  it('reads empty elements, closed by themselves or not, as empty text', () => {
    expect(read('<A/><B></B><C ></C ><D />')).toEqual({ A: '', B: '', C: '', D: '' });
  });

  it('resolves the entities of XML, named and numbered', () => {
    expect(read('<A>&lt;&gt;&amp;&quot;&apos;&#20013;&#x1F600;</A>')).toEqual({ A: '<>&"\'中😀' });
  });

  it('does not resolve what an entity has spelled', () => {
    expect(read('<A>&amp;lt;</A>')).toEqual({ A: '&lt;' });
  });

  it('lets control characters through that people paste into a message', () => {
    expect(read('<A><![CDATA[a\u0008b]]></A>')).toEqual({ A: 'a\u0008b' });
  });

  it('has room for names that objects inherit', () => {
    const fields = readXml('<xml><__proto__>1</__proto__><constructor>2</constructor></xml>');
    expect(Object.entries(fields)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  it('agrees with xml2js on random documents', async () => {
    await fc.assert(
      fc.asyncProperty(randomDocument, async ({ text }) => {
        expect(trimmed(readXml(text))).toEqual(trimmed(await oracle(text)));
      }),
    );
  });

  it('reads back what a random document was made of, to the last space', () => {
    fc.assert(
      fc.property(randomDocument, ({ text, fields }) => {
        expect({ ...readXml(text) }).toEqual(fields);
      }),
    );
  });
});

describe('refusing', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  const flat = (count: number) => `<xml>${'<a/>'.repeat(count - 1)}</xml>`;

  it.each([
    ['nothing', '', /no element/],
    ['white space', ' \n', /no element/],
    ['JSON', '{"a":1}', /outside its root/],
    ['a DOCTYPE', '<!DOCTYPE xml><xml/>', /DOCTYPE/],
    ['an entity declaration', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>&a;</xml>', /DOCTYPE/],
    ['a comment', '<xml><!-- a --></xml>', /comment/],
    ['an instruction', '<xml><?php 1 ?></xml>', /instruction/],
    ['a second declaration', '<?xml version="1.0"?><?xml version="1.0"?><xml/>', /instruction/],
    ['an endless declaration', '<?xml version="1.0"', /without an end/],
    ['an attribute', '<xml a="1"/>', /does not end after its name/],
    ['a namespace', '<x:xml/>', /does not end after its name/],
    ['a name with a dot', '<xml><a.b>1</a.b></xml>', /does not end after its name/],
    ['a NUL', '<xml><a>\0</a></xml>', /NUL/],
    ['a numbered NUL', '<xml><a>&#0;</a></xml>', /entity/],
    ['a numbered surrogate', '<xml><a>&#xD800;</a></xml>', /entity/],
    ['a number beyond Unicode', '<xml><a>&#x110000;</a></xml>', /entity/],
    ['an unknown entity', '<xml><a>&nbsp;</a></xml>', /entity/],
    ['a bare ampersand', '<xml><a>a & b</a></xml>', /bare &/],
    ['a bare less-than', '<xml><a>a < b</a></xml>', /bare </],
    ['an unclosed element', '<xml><a>1</a>', /before <xml> is closed/],
    ['mismatched tags', '<xml><a>1</b></xml>', /another element than <a>/],
    ['a closing tag that goes on', '<xml><a>1</ab></xml>', /another element than <a>/],
    ['a closing tag in another case', '<xml></XML>', /another element than <xml>/],
    ['a closing tag too many', '<xml></xml></xml>', /not open/],
    ['an endless closing tag', '<xml></xml', /another element than <xml>/],
    ['two roots', '<xml/><xml/>', /more than one root/],
    ['text before the root', 'a<xml/>', /outside its root/],
    ['text after the root', '<xml/>a', /outside its root/],
    ['CDATA after the root', '<xml/><![CDATA[a]]>', /outside its root/],
    ['an endless CDATA section', '<xml><a><![CDATA[a]]></xml>'.replace(']]>', ']]'), /CDATA section without an end/],
    ['a level too deep', nested(17), /deeper than 16/],
    ['ten thousand levels', nested(10_000), /deeper than 16/],
    ['an element too many', flat(2_001), /more than 2000 elements/],
    ['a name that is too long', `<xml><${'a'.repeat(65)}/></xml>`, /longer than 64/],
  ])('%s', (_, text, reason) => {
    expect(() => readXml(text)).toThrow(
      expect.objectContaining({ code: 'callback.malformed', message: expect.stringMatching(reason) }),
    );
  });

  it('but not what just fits', () => {
    expect(readXml(nested(16))).toBeDefined();
    expect(readXml(flat(2_000)).a).toHaveLength(1_999);
  });

  it('never throws anything but a fault, whatever the text', () => {
    const shards = fc.constantFrom(
      '<',
      '>',
      '/',
      '&',
      ';',
      '#',
      '!',
      '?',
      '<![CDATA[',
      ']]>',
      '<a>',
      '</a>',
      '<xml>',
      '</xml>',
      ' ',
      'x',
    );
    const shredded = fc.array(fc.oneof(shards, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(shredded, (text) => {
        try {
          readXml(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'callback.malformed' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('writing', () => {
  it('puts text into CDATA, leaves numbers bare, repeats lists and leaves out what is undefined', () => {
    const tree = { ToUserName: 'a', CreateTime: 1, Articles: { item: [{ Title: 'b' }, { Title: 'c' }] }, Nonce: undefined };
    expect(writeXml(tree)).toBe(
      '<xml><ToUserName><![CDATA[a]]></ToUserName><CreateTime>1</CreateTime><Articles>' +
        '<item><Title><![CDATA[b]]></Title></item><item><Title><![CDATA[c]]></Title></item></Articles></xml>',
    );
  });

  it('drops characters that XML forbids, halves of surrogate pairs among them', () => {
    expect(readXml(writeXml({ a: 'a\0b\u000bc\ud83dd\uffffe😀' })).a).toBe('abcde😀');
  });

  it('refuses a name that would not be one', () => {
    expect(() => writeXml({ 'a><b': 'c' })).toThrow(/name/);
    expect(() => writeXml({ '': 'c' })).toThrow(/name/);
  });

  it('is read back as it was, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(allowedText, async (content) => {
        const text = writeXml({ Content: content, After: 'x' });
        expect({ ...readXml(text) }).toEqual({ Content: content, After: 'x' });
        const { xml } = await parseStringPromise(text, { explicitArray: false });
        expect(xml).toEqual({ Content: content, After: 'x' });
      }),
      { examples: [[']]>'], [']]]]>>'], ['</Content><Evil>'], [' \n'], ['&lt;'], ['<![CDATA[']] },
    );
  });

  it('is read back as it was, whatever the tree', () => {
    fc.assert(
      fc.property(nestedTree, ({ tree, fields }: { tree: Tree; fields: Fields }) => {
        expect({ ...readXml(writeXml(tree)) }).toEqual(fields);
      }),
    );
  });
});

function pick(fields: Fields, names: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** xml2js keeps no border between CDATA and the white space beside it, so both sides are compared trimmed. */
function trimmed(fields: Fields): Fields {
  const trim = (text: string) => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? trim(value) : value.map(trim)]),
  );
}

/** The same fields as xml2js reads them. */
async function oracle(text: string): Promise<Fields> {
  const fields: Fields = {};
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, path);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, child] of Object.entries(value)) if (name !== '_') walk(child, path ? `${path}/${name}` : name);
    } else if (path) add(fields, path, String(value));
  };
  walk(await parseStringPromise(text, { explicitRoot: false, emptyTag: '' }), '');
  return fields;
}

function add(fields: Fields, path: string, value: string): void {
  const earlier = fields[path];
  fields[path] = earlier === undefined ? value : [...(typeof earlier === 'string' ? [earlier] : earlier), value];
}
