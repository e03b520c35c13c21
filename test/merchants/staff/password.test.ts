import { expect, test } from 'vitest';
import { commonPasswords } from '../../../server/merchants/staff/common-passwords.ts';
import { isLogin, normalizeLogin } from '../../../server/merchants/staff/login.ts';
import {
  checkPassword,
  createPasswords,
  type Derive,
  longestPassword,
  shortestPassword,
} from '../../../server/merchants/staff/password.ts';
import { goodPassword, outcomeOf } from '../people.ts';

const shop = { login: 'owner@shop.example', merchantName: '半日麦半日麦半日麦一' };
const fieldCode = (password: string) => {
  try {
    checkPassword(password, shop);
    return 'fine';
  } catch (error) {
    return (error as { details: { fields: { path: string; code: string }[] } }).details.fields.map(
      ({ path, code }) => `${path} ${code}`,
    )[0];
  }
};

test('a password is its own, however its letters are composed, and salted anew each time', async () => {
  const passwords = createPasswords();
  const encoded = await passwords.hash('Café au lait');
  expect(encoded).toMatch(/^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(await passwords.verify('Cafe\u0301 au lait', encoded)).toEqual({ isRight: true, isOutdated: false });
  expect((await passwords.verify('Cafe au lait', encoded)).isRight).toBe(false);
  expect(await passwords.hash('Café au lait')).not.toBe(encoded);
});

test('the hash is that of RFC 7914', async () => {
  // https://www.rfc-editor.org/rfc/rfc7914#section-12, N=1024, r=8, p=16; its first half, as long as ours.
  const hash = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex').toString('base64url');
  const encoded = `scrypt$1024$8$16$${Buffer.from('NaCl').toString('base64url')}$${hash}`;
  expect(await createPasswords().verify('password', encoded)).toEqual({ isRight: true, isOutdated: true });
});

test('nobody has no password', async () => {
  expect(await createPasswords().verify('', undefined)).toEqual({ isRight: false, isOutdated: false });
});

test('two are hashed at a time, some wait their turn, and who comes behind them is told to come again', async () => {
  let running = 0;
  let most = 0;
  const open: (() => void)[] = [];
  const derive: Derive = async (_password, _salt, length) => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => open.push(resolve));
    running--;
    return Buffer.alloc(length);
  };
  const passwords = createPasswords({ derive });
  const works = Array.from({ length: 40 }, () => outcomeOf(passwords.hash('x')));
  let settled = false;
  const all = Promise.all(works).finally(() => {
    settled = true;
  });
  while (!settled) {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const outcomes = await all;
  expect(most).toBe(2);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(34);
  expect(outcomes.filter((outcome) => outcome === 'request.too-many')).toHaveLength(6);
  // A hash that fails gives its place on.
  const failing = createPasswords({ derive: () => Promise.reject(new Error('no memory')) });
  for (let times = 0; times < 3; times++) await expect(failing.hash('x')).rejects.toThrow('no memory');
});

test.each([
  [goodPassword, 'fine'],
  ['十个字的密码也可以用的', 'fine'],
  ['nine char', 'body.password too-short'],
  ['👩‍👩‍👧‍👦👩', 'body.password too-short'],
  ['x'.repeat(longestPassword), 'fine'],
  ['x'.repeat(longestPassword + 1), 'body.password too-long'],
  ['Owner@Shop.Example', 'body.password too-near'],
  ['ＯＷＮＥＲ@shop.example', 'body.password too-near'],
  ['半日麦半日麦半日麦一', 'body.password too-near'],
  ['1234567890', 'body.password too-common'],
  ['Woaini1314', 'body.password too-common'],
])('%j as a password is %s', (password, verdict) => {
  expect(fieldCode(password)).toBe(verdict);
});

test('the list of common passwords holds none that is too short anyway', () => {
  expect([...commonPasswords].filter((password) => password.length < shortestPassword)).toEqual([]);
  expect([...commonPasswords].filter((password) => password !== password.toLowerCase())).toEqual([]);
});

test.each([
  ['  Li.Na@Shop.Example ', 'li.na@shop.example'],
  ['ＬＩＮＡ＠ｓｈｏｐ．ｅｘａｍｐｌｅ', 'lina@shop.example'],
  ['+86 (138) 0013-8000', '+8613800138000'],
  ['138.0013.8000', '13800138000'],
])('the login %j is %j', (typed, login) => {
  expect(normalizeLogin(typed)).toBe(login);
  expect(isLogin(login)).toBe(true);
});

test.each([
  ...['', ' ', 'name', '1234', '@shop.example', 'a@b', 'a@b.', 'a b@shop.example', 'a@shop..example', 'a@@shop.example'],
  ...['а@shop.example', 'a@shop.example\r\nX: 1', 'a@shop.example\u0000', 'a\u202e@shop.example', '👻@shop.example', '+'],
  ...[`${'a'.repeat(120)}@shop.example`, '1'.repeat(16), 'İ@shop.example', '__proto__', '$where'],
])('%j is no login', (typed) => {
  expect(isLogin(normalizeLogin(typed))).toBe(false);
});
