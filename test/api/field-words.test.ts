import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { sayInChinese } from '../../server/api/field-words.ts';

it('what a schema of the API says of a field is said in Chinese, too', () => {
  const folder = resolve(import.meta.dirname, '../../server/api');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.filter((file) => file !== 'field-words.ts').map((file) => readFileSync(join(folder, file), 'utf8'));
  const words = sources.flatMap((source) => [...source.matchAll(/'(must [^']+)'/g)].map(([, text]) => text ?? ''));
  expect(words.length).toBeGreaterThan(5);
  expect(words.filter((text) => !/[\u4e00-\u9fff]/.test(sayInChinese(text)))).toEqual([]);
});
