import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openKeyFile } from '../../server/kernel/key-file.ts';

let root = '';
let folder = '';
let count = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'key-file-'));
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  folder = join(root, `${++count}`);
});

const keyPath = () => join(folder, 'secrets.key');

test('a key is made on first start, for its owner’s eyes only, and stays the same', () => {
  const key = openKeyFile(keyPath());
  expect(key).toHaveLength(32);
  expect(statSync(keyPath()).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(keyPath(), 'utf8'), 'base64').equals(key)).toBe(true);
  expect(Buffer.from(openKeyFile(keyPath())).equals(key)).toBe(true);
  expect(readdirSync(folder)).toEqual(['secrets.key']);
});

test('two folders have two keys', () => {
  expect(Buffer.from(openKeyFile(join(folder, 'a', 'key'))).equals(openKeyFile(join(folder, 'b', 'key')))).toBe(false);
});

test.each([0o644, 0o640, 0o604, 0o660, 0o666])('a key that others can read (mode %o) is refused, with what to do', (mode) => {
  openKeyFile(keyPath());
  chmodSync(keyPath(), mode);
  expect(() => openKeyFile(keyPath())).toThrow(
    expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining(`chmod 600 ${keyPath()}`) }),
  );
});

test.each(['', 'c2hvcnQ=', 'x'.repeat(100)])('a file that holds "%s" is refused and left as it is', (text) => {
  openKeyFile(keyPath());
  writeFileSync(keyPath(), text);
  expect(() => openKeyFile(keyPath())).toThrow(
    expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(/no sealing key/) }),
  );
  expect(readFileSync(keyPath(), 'utf8')).toBe(text);
});
