import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Fault } from '../../server/kernel/errors.ts';
import { languages, openTexts, textPlaceholders } from '../../server/texts/index.ts';

const templates = new URL('../../templates', import.meta.url).pathname;

/** A folder of templates that is gone after the test. */
async function folderWith(files: Record<string, string | Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'texts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

async function faultsOf(files: Record<string, string | Buffer>, table: Record<string, readonly string[]>): Promise<string> {
  const error = await openTexts(await folderWith(files), table).catch((thrown: unknown) => thrown);
  if (!(error instanceof Fault)) throw new Error('the texts were taken');
  expect(error.code).toBe('config.invalid');
  return error.message;
}

test('every text of the product is there in every language and renders', async () => {
  const texts = await openTexts(templates);
  expect(texts.render('zh', 'greeting.first', { merchant: '半日麦' })).toMatch(/^你好，这里是半日麦/);
  expect(texts.render('en', 'greeting.first', { merchant: '半日麦' })).toMatch(/^Hello, this is 半日麦\./);
  for (const language of languages) {
    for (const name of Object.keys(textPlaceholders) as (keyof typeof textPlaceholders)[]) {
      expect(texts.render(language, name, { merchant: '半日麦' })).not.toMatch(/[{}]|undefined/);
    }
  }
});

test('no text speaks of what cannot be done yet', async () => {
  const texts = await openTexts(templates);
  for (const name of Object.keys(textPlaceholders) as (keyof typeof textPlaceholders)[]) {
    expect(texts.render('zh', name, { merchant: '半日麦' })).not.toMatch(/门店|附近|优惠|券|会员|支付/);
    expect(texts.render('en', name, { merchant: '半日麦' })).not.toMatch(/store|nearby|offer|coupon|voucher|pay/i);
  }
});

test('values are inserted once and as they are', async () => {
  const folder = await folderWith({ 'zh/hi.txt': '{who}与{who}：{what}\n', 'en/hi.txt': '{what} {who}' });
  const texts = await openTexts(folder, { hi: ['who', 'what'] } as const);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.constantFrom('{what}', '$&', '$1', '{who}', ']]>')), async (who) => {
      expect(texts.render('zh', 'hi', { who, what: '{who}' })).toBe(`${who}与${who}：{who}`);
      expect(texts.render('en', 'hi', { who, what: '{who}' })).toBe(`{who} ${who}`);
    }),
  );
});

test('outer white space and Windows line ends of a file are not sent to anybody', async () => {
  const folder = await folderWith({ 'zh/hi.txt': '\n你好\r\n再见\r\n\n', 'en/hi.txt': 'Hello\nGoodbye' });
  const texts = await openTexts(folder, { hi: [] } as const);
  expect(texts.render('zh', 'hi')).toBe('你好\n再见');
});

test('all faults of all texts are told at once', async () => {
  const faults = await faultsOf(
    {
      'zh/one.txt': '{a}',
      'zh/two.txt': '{b}',
      'zh/four.txt': '  \n',
      'zh/five.txt': 'a { b }',
      'zh/six.txt': '{a} {b}',
      'zh/seven.txt': Buffer.from([0xc4, 0xe3]),
      'en/one.txt': 'nothing',
      'en/two.txt': '{b}',
      'en/three.txt': 'new',
      'en/four.txt': 'four',
      'en/five.txt': 'five',
      'en/six.txt': '{a}',
      'en/seven.txt': 'seven',
    },
    { one: ['a'], two: ['b'], four: [], five: [], six: ['a'], seven: [], eight: [] },
  );
  expect(faults.split(': ').slice(1).join(': ').split('; ')).toEqual([
    'zh/four.txt is empty',
    'zh/five.txt has a brace that belongs to no {placeholder}',
    'zh/six.txt says {b}, which nobody gives it',
    'zh/seven.txt is not UTF-8',
    'zh/eight.txt is missing',
    'en/one.txt does not say {a}',
    'en/eight.txt is missing',
    'en/three.txt is not listed in texts/names.ts',
  ]);
});

test('a language without a folder is told as such, and which texts it lacks', async () => {
  const faults = await faultsOf({ 'zh/hi.txt': '你好' }, { hi: [] });
  expect(faults).toMatch(/en cannot be read \(ENOENT.*en\/hi\.txt is missing/);
  expect(faults).not.toMatch(/zh\/hi/);
});

test('a text that Object.prototype happens to have is not taken for listed', async () => {
  expect(await faultsOf({ 'zh/constructor.txt': '你好', 'en/constructor.txt': 'Hello' }, {})).toMatch(
    /zh\/constructor\.txt is not listed.*en\/constructor\.txt is not listed/,
  );
});

test('a text that is not listed, and a value that is missing or that no text wants, do not compile', async () => {
  const texts = await openTexts(templates);
  const mistakes = () => {
    // @ts-expect-error no such text
    texts.render('zh', 'greeting.fisrt', { merchant: '半日麦' });
    // @ts-expect-error no such language
    texts.render('fr', 'apology');
    // @ts-expect-error its value is missing
    texts.render('zh', 'help');
    // @ts-expect-error no such value
    texts.render('zh', 'help', { shop: '半日麦' });
    // @ts-expect-error this text takes no value
    texts.render('zh', 'apology', { merchant: '半日麦' });
  };
  expect(mistakes).toThrow('there is no text zh/greeting.fisrt');
});
