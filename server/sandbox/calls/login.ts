import { createHmac } from 'node:crypto';
import { makeAccessToken, makeLoginCode, makeSessionKey, type SandboxAccount } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { FollowerRecord } from '../records.ts';
import { textOf } from './fields.ts';
import type { LoginCode, LoginRecords, PersonToken, Scope } from './login-records.ts';
import { type AccountCall, type Call, type CallAnswer, type CallDesk, CallRefusal, type CallRows, ok, refuse } from './row.ts';
import { checkSecret } from './tokens.ts';

const codeLife = 300_000;
const accessLife = 7_200_000;
const refreshLife = 30 * 86_400_000;

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

/** §10.1, §10.2: who somebody is that opens a web page or a mini program. */
export function loginCalls(
  { records, quotas, random }: Pick<CallParts, 'records' | 'quotas' | 'random'>,
  logins: LoginRecords,
): CallRows {
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
    'sns/jscode2session': {
      method: 'GET',
      section: '10.2',
      opens: 'itself',
      async answer(call, desk) {
        const { appId } = await accountBySecret(call, desk);
        const { openid } = await useCode(appId, 'login', textOf(call.query, 'js_code', [41008, 'missing code']), call.now);
        if (!(await quotas.use(appId, `sns/jscode2session ${openid}`, 100, 'minute')))
          refuse('too-fast', 45011, 'api minute-quota reach limit must slower retry next minute');
        const key = makeSessionKey(random);
        await logins.setSession(appId, openid, key);
        return { session_key: key, openid, ...unionOf(await personOf(openid)) };
      },
    },
    'wxa/checksession': {
      method: 'GET',
      section: '10.2',
      opens: 'token',
      async answer(call) {
        await checkSession(logins, call);
        return ok;
      },
    },
    'wxa/resetusersessionkey': {
      method: 'GET',
      section: '10.2',
      opens: 'token',
      async answer(call) {
        const openid = await checkSession(logins, call);
        const key = makeSessionKey(random);
        await logins.setSession(call.account.appId, openid, key);
        return { ...ok, openid, session_key: key };
      },
    },
    'wxa/getpaidunionid': {
      method: 'GET',
      section: '10.2',
      opens: 'token',
      async answer({ account, query }) {
        const person = await personOf(textOf(query, 'openid', [41009, 'missing openid']));
        if (person.appId !== account.appId) refuse('value-wrong', 40003, 'invalid openid');
        if (!query.transaction_id && !(query.mch_id && query.out_trade_no)) refuse('value-missing', 89300, 'invalid order');
        return person.unionid === undefined ? refuse('nothing-there', 89002, 'open not exists') : { unionid: person.unionid };
      },
    },
    'wxa/business/checkencryptedmsg': {
      method: 'POST',
      section: '10.2',
      opens: 'token',
      async answer({ body }) {
        if (!/^[0-9a-f]{64}$/.test(textOf(body, 'encrypted_msg_hash', [40097, 'invalid args'])))
          refuse('value-wrong', 40097, 'invalid args');
        // Nothing encrypted ever came from the sandbox. The platform spells it so.
        return { ...ok, vaild: false, create_time: 0 };
      },
    },
    'wxa/business/getuserphonenumber': {
      method: 'POST',
      section: '10.2',
      opens: 'token',
      needs: { isVerified: true },
      async answer({ account: { appId }, body, now }) {
        const used = await logins.useCode({ _id: textOf(body, 'code', [40029, 'invalid code']), appId, kind: 'phone' }, now);
        if (typeof used === 'string') refuse(used === 'over' ? 'out-of-time' : 'value-wrong', 40029, 'invalid code');
        if (body.openid !== undefined && body.openid !== used.openid) refuse('value-wrong', 40003, 'invalid openid');
        const { phoneNumber = '13800000000' } = await personOf(used.openid);
        const watermark = { timestamp: Math.floor(now / 1000), appid: appId };
        return { ...ok, phone_info: { phoneNumber, purePhoneNumber: phoneNumber, countryCode: '86', watermark } };
      },
    },
  };
}

/** Does the signature prove that the caller knows the session's key; gives whose session it is. */
async function checkSession(logins: LoginRecords, { account, query }: AccountCall): Promise<string> {
  const openid = textOf(query, 'openid', [41009, 'missing openid']);
  if (query.sig_method !== 'hmac_sha256') refuse('value-wrong', 87009, 'invalid signature');
  const key = await logins.sessionKey(account.appId, openid);
  if (key === undefined) refuse('value-wrong', 87009, 'invalid signature');
  // The key is the base64 text itself, the message is empty.
  if (createHmac('sha256', key).update('').digest('hex') !== query.signature) refuse('value-wrong', 87009, 'invalid signature');
  return openid;
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

function unionOf({ unionid }: FollowerRecord): { unionid?: string } {
  return unionid === undefined ? {} : { unionid };
}
