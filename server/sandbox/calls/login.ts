import { makeLoginCode, type SandboxAccount } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { FollowerRecord } from '../records.ts';
import { textOf } from './fields.ts';
import type { LoginCode, LoginRecords } from './login-records.ts';
import { type Call, type CallDesk, CallRefusal, refuse } from './row.ts';
import { checkSecret } from './tokens.ts';

const codeLife = 300_000;

/** Makes the code that a person's browser or mini program brings to the server: good for five minutes and one use. */
export async function addLoginCode(
  logins: LoginRecords,
  { appId, openid, kind, scope }: Pick<LoginCode, 'appId' | 'openid' | 'kind' | 'scope'>,
  { now, random }: { now: number; random: CallParts['random'] },
): Promise<string> {
  const code = makeLoginCode(random);
  await logins.addCode({ _id: code, appId, openid, kind, ...(scope && { scope }), expiresAt: now + codeLife });
  return code;
}

/** What signing in on web pages and in mini programs has in common. */
export function createLogins(records: CallParts['records'], logins: LoginRecords) {
  async function accountOf({ query }: Call, desk: CallDesk): Promise<SandboxAccount> {
    const account = await records.findAccount(textOf(query, 'appid', [41002, 'appid missing']));
    if (!account) throw new CallRefusal('app-id', 'unknown-app', 40013, 'invalid appid');
    desk.name(account);
    desk.pass('app-id');
    return account;
  }

  async function accountBySecret(call: Call, desk: CallDesk): Promise<SandboxAccount> {
    const account = await accountOf(call, desk);
    checkSecret(account, textOf(call.query, 'secret', [41004, 'appsecret missing']));
    desk.pass('secret');
    if (call.query.grant_type !== 'authorization_code')
      throw new CallRefusal('grant', 'wrong-grant', 40002, 'invalid grant_type');
    return account;
  }

  async function useCode(appId: string, kind: LoginCode['kind'], code: string, now: number): Promise<LoginCode> {
    const used = await logins.useCode({ _id: code, appId, kind }, now);
    if (used === 'unknown') refuse('value-wrong', 40029, 'invalid code');
    if (used === 'used') refuse('used-already', 40163, 'code been used');
    if (used === 'over') refuse('out-of-time', 42003, 'code expired');
    return used;
  }

  async function personOf(openid: string): Promise<FollowerRecord> {
    return (await records.findFollower(openid)) ?? refuse('value-wrong', 40003, 'invalid openid');
  }

  return { accountOf, accountBySecret, useCode, personOf };
}

/** The field that only people of an Open Platform account have. */
export function unionOf({ unionid }: FollowerRecord): { unionid?: string } {
  return unionid === undefined ? {} : { unionid };
}
