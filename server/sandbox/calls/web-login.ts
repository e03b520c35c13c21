import { makeAccessToken } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { FollowerRecord } from '../records.ts';
import { textOf } from './fields.ts';
import { createLogins, unionOf } from './login.ts';
import type { LoginRecords, PersonToken, Scope } from './login-records.ts';
import { type Call, type CallAnswer, type CallDesk, CallRefusal, type CallRows, ok, refuse } from './row.ts';

const accessLife = 7_200_000;
const refreshLife = 30 * 86_400_000;

/** §10.1: who somebody is that opens a web page. */
export function webLoginCalls({ records, random }: Pick<CallParts, 'records' | 'random'>, logins: LoginRecords): CallRows {
  const { accountOf, accountBySecret, useCode, personOf } = createLogins(records, logins);

  /** The person's token that the call brings, for this person. */
  async function tokenOf({ query, now }: Call): Promise<PersonToken> {
    const found = await logins.findToken(textOf(query, 'access_token', [41001, 'access_token missing']), 'access');
    if (!found) throw new CallRefusal('token', 'wrong-token', 40001, 'invalid credential, access_token is invalid or not latest');
    if (found.expiresAt <= now) throw new CallRefusal('token', 'token-over', 42001, 'access_token expired');
    if (textOf(query, 'openid', [41009, 'missing openid']) !== found.openid) refuse('value-wrong', 40003, 'invalid openid');
    return found;
  }

  async function exchange(call: Call, desk: CallDesk): Promise<CallAnswer> {
    const account = await accountBySecret(call, desk);
    if (account.kind !== 'service' || !account.isVerified) refuse('not-granted', 48001, 'api unauthorized');
    const code = textOf(call.query, 'code', [41008, 'missing code']);
    const { openid, scope = 'snsapi_base' } = await useCode(account.appId, 'oauth', code, call.now);
    const tokens = { access: makeAccessToken(random), refresh: makeAccessToken(random) };
    const both = { appId: account.appId, openid, scope };
    await logins.addTokens([
      { _id: tokens.access, ...both, kind: 'access', expiresAt: call.now + accessLife },
      { _id: tokens.refresh, ...both, kind: 'refresh', expiresAt: call.now + refreshLife },
    ]);
    return answerTokens(tokens, openid, scope, (await personOf(openid)).unionid);
  }

  async function refresh(call: Call, desk: CallDesk): Promise<CallAnswer> {
    const { appId } = await accountOf(call, desk);
    if (call.query.grant_type !== 'refresh_token') throw new CallRefusal('grant', 'wrong-grant', 40002, 'invalid grant_type');
    const found = await logins.findToken(textOf(call.query, 'refresh_token', [41003, 'refresh_token missing']), 'refresh');
    if (found?.appId !== appId) refuse('value-wrong', 40030, 'invalid refresh_token');
    if (found.expiresAt <= call.now) refuse('out-of-time', 42002, 'refresh_token expired');
    const access = makeAccessToken(random);
    const { openid, scope } = found;
    await logins.addTokens([{ _id: access, appId, openid, scope, kind: 'access', expiresAt: call.now + accessLife }]);
    return answerTokens({ access, refresh: found._id }, openid, scope, undefined);
  }

  return {
    'sns/oauth2/access_token': { method: 'GET', section: '10.1', opens: 'itself', answer: exchange },
    'sns/oauth2/refresh_token': { method: 'GET', section: '10.1', opens: 'itself', answer: refresh },
    'sns/userinfo': {
      method: 'GET',
      section: '10.1',
      opens: 'itself',
      async answer(call) {
        const { openid, scope } = await tokenOf(call);
        if (scope !== 'snsapi_userinfo') refuse('not-granted', 48001, 'api unauthorized');
        return userInfo(await personOf(openid));
      },
    },
    'sns/auth': {
      method: 'GET',
      section: '10.1',
      opens: 'itself',
      async answer(call) {
        await tokenOf(call);
        return ok;
      },
    },
  };
}

function answerTokens(
  tokens: { access: string; refresh: string },
  openid: string,
  scope: Scope,
  unionid: string | undefined,
): CallAnswer {
  return {
    access_token: tokens.access,
    expires_in: accessLife / 1000,
    refresh_token: tokens.refresh,
    openid,
    scope,
    ...(unionid !== undefined && { unionid }),
  };
}

function userInfo(person: FollowerRecord): CallAnswer {
  const { _id: openid, name, pictureUrl = '' } = person;
  const empty = { sex: 0, language: '', city: '', province: '', country: '' };
  return { openid, nickname: name, ...empty, headimgurl: pictureUrl, privilege: [], ...unionOf(person) };
}
