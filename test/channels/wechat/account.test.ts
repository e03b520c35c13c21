import { describe, expect, it } from 'vitest';
import { checkAccount, type WechatAccount } from '../../../server/channels/wechat/account.ts';
import { accountIn } from './platform.ts';

const refusal = (message: RegExp) => expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(message) });

describe('a faulty account is refused', () => {
  it.each<[string, Partial<WechatAccount>, RegExp]>([
    ['a short key', { encodingAesKey: 'short' }, /encodingAesKey is not 43/],
    ['a key with signs', { encodingAesKey: `${'a'.repeat(42)}=` }, /encodingAesKey is not 43/],
    ['a short previous key', { previousEncodingAesKey: 'short' }, /previousEncodingAesKey is not 43/],
    ['no token', { token: '' }, /token is empty/],
    ['no app id', { appId: '' }, /appId is empty/],
    ['no original id', { originalId: '' }, /originalId is empty/],
  ])('%s', (_, changes, reason) => {
    expect(() => checkAccount(accountIn('safe', changes))).toThrow(refusal(reason));
  });

  it.each(['compatible', 'safe'] as const)('%s mode without a key', (mode) => {
    expect(() => checkAccount({ ...accountIn('plain'), mode })).toThrow(refusal(/needs an encodingAesKey/));
  });

  it('with all that is wrong in one list, and no secret in it', () => {
    const account = accountIn('safe', {
      encodingAesKey: 'my-secret-key',
      previousEncodingAesKey: 'my-older-key',
      originalId: '',
    });
    expect(() => checkAccount(account)).toThrow(refusal(/originalId.*encodingAesKey.*previousEncodingAesKey/));
    expect(() => checkAccount(account)).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/my-/) }));
  });
});
