import { expect, test } from 'vitest';
import { createVault } from '../../server/kernel/vault.ts';

const newKey = Buffer.alloc(32, 1);
const oldKey = Buffer.alloc(32, 2);
const context = 'account:a:token';

test('what is sealed opens for its context, and reads like nothing', () => {
  const vault = createVault([newKey]);
  const sealed = vault.seal('秘密 secret', context);
  expect(vault.open(sealed, context)).toBe('秘密 secret');
  expect(sealed).not.toContain('secret');
  expect(vault.seal('秘密 secret', context)).not.toBe(sealed);
});

test('it does not open for another context', () => {
  const vault = createVault([newKey]);
  expect(() => vault.open(vault.seal('secret', context), 'account:b:token')).toThrow(
    expect.objectContaining({ code: 'server.failed' }),
  );
});

test('no byte of it can be changed, and nothing can be cut off', () => {
  const vault = createVault([newKey]);
  const sealed = vault.seal('secret', context);
  const [version, name, text = ''] = sealed.split('.');
  const bytes = Buffer.from(text, 'base64url');
  for (let place = 0; place < bytes.length; place++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
    expect(() => vault.open(`${version}.${name}.${changed.toString('base64url')}`, context), `byte ${place}`).toThrow();
    expect(() => vault.open(`${version}.${name}.${bytes.toString('base64url', 0, place)}`, context)).toThrow();
  }
});

test.each(['', 'secret', 'v1', 'v2.0000.AAAA', 'v1.zzzz.AAAA', 'v1..'])('"%s" is nothing that was sealed', (text) => {
  expect(() => createVault([newKey]).open(text, context)).toThrow(expect.objectContaining({ code: 'server.failed' }));
});

test('the old key opens, the new one seals, and what is old is known', () => {
  const sealed = createVault([oldKey]).seal('secret', context);
  const vault = createVault([newKey, oldKey]);
  expect(vault.open(sealed, context)).toBe('secret');
  expect(vault.isCurrent(sealed)).toBe(false);
  const anew = vault.seal('secret', context);
  expect(vault.isCurrent(anew)).toBe(true);
  expect(createVault([newKey]).open(anew, context)).toBe('secret');
  expect(() => createVault([newKey]).open(sealed, context)).toThrow(/SECRETS_PREVIOUS_KEY/);
});

test('a key of another length is none', () => {
  for (const keys of [[], [Buffer.alloc(31)], [newKey, Buffer.alloc(33)]])
    expect(() => createVault(keys)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});
