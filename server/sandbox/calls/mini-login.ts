import { createHmac } from 'node:crypto';
import { makeSessionKey } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import { textOf } from './fields.ts';
import { createLogins, unionOf } from './login.ts';
import type { LoginRecords } from './login-records.ts';
import { type AccountCall, type CallRows, ok, refuse } from './row.ts';

/** §10.2: who somebody is that opens a mini program. */
export function miniLoginCalls(
  { records, quotas, random }: Pick<CallParts, 'records' | 'quotas' | 'random'>,
  logins: LoginRecords,
): CallRows {
  const { accountBySecret, useCode, personOf } = createLogins(records, logins);

  return {
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
