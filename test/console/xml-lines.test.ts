import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitXml } from '../../console/src/sandbox/wire/xml-lines.ts';

const lines = (xml: string) => splitXml(xml).map((line) => line.map(({ text }) => text).join(''));
const values = (xml: string) =>
  splitXml(xml)
    .flat()
    .filter(({ kind }) => kind === 'value')
    .map(({ text }) => text);

describe('a message on the wire', () => {
  test('is shown one element a line, its values apart from its markup', () => {
    const xml = '<xml><MsgType><![CDATA[text]]></MsgType><CreateTime>1752647283</CreateTime></xml>';
    expect(lines(xml)).toEqual(['<xml>', '<MsgType><![CDATA[text]]></MsgType>', '<CreateTime>1752647283</CreateTime>', '</xml>']);
    expect(values(xml)).toEqual(['text', '1752647283']);
  });

  test('keeps markup within a value as part of the value', () => {
    const xml = '<Content><![CDATA[<a href="https://x.cn">看</a>\n第二行]]></Content>';
    expect(lines(xml)).toEqual([xml]);
    expect(values(xml)).toEqual(['<a href="https://x.cn">看</a>\n第二行']);
  });

  test('shows nested and empty elements', () => {
    expect(lines('<xml><Event/><Info><Type>qr</Type><Code></Code></Info></xml>')).toEqual([
      '<xml>',
      '<Event/>',
      '<Info>',
      '<Type>qr</Type>',
      '<Code></Code>',
      '</Info>',
      '</xml>',
    ]);
  });

  test('loses nothing but blanks between elements, whatever came', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('<', '>', '</xml>', '<xml>', '<![CDATA[', ']]>', 'text'));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const withoutBlanks = (all: string) => all.replace(/\s+/g, '');
        expect(withoutBlanks(lines(text).join(''))).toBe(withoutBlanks(text));
      }),
    );
  });
});
