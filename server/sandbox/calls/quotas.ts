import type { SandboxAccount } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import { optionalTextOf, textOf } from './fields.ts';
import { type Call, type CallDesk, CallRefusal, type CallRow, type CallRows, ok, ordinaryQuota, refuse } from './row.ts';
import { checkSecret, tokenQuotas } from './tokens.ts';

/** In all calls that clear, wechat.md §3.2. */
const clearsAMonth = 10;
const clearing = 'clear_quota';

/** §3.2, §0: quotas, and refused calls by their rid. `find` gives any call's row. */
export function quotaCalls({ records, quotas, rids }: CallParts, find: (name: string) => CallRow | undefined): CallRows {
  /** Counts only what succeeds. */
  async function mayClear({ appId }: SandboxAccount): Promise<void> {
    if (!(await quotas.use(appId, clearing, clearsAMonth, 'month')))
      throw new CallRefusal('quota', 'quota-used-up', 48006, 'forbid to clear quota because of reaching the limit');
  }

  async function accountBySecret(call: Call, desk: CallDesk): Promise<SandboxAccount> {
    const given = { ...call.query, ...readObject(call.bytes) };
    const appId = textOf(given, 'appid', [41002, 'appid missing']);
    const secret = textOf(given, 'appsecret', [41004, 'appsecret missing']);
    const account = await records.findAccount(appId);
    if (!account) throw new CallRefusal('app-id', 'unknown-app', 40013, 'invalid appid');
    desk.name(account);
    checkSecret(account, secret);
    return account;
  }

  /** The call of this path, and how often it may be made a day. */
  function limitOf(body: Call['body']): { name: string; limit: number } {
    const path = textOf(body, 'cgi_path', [76021, 'cgi_path not found']);
    const name = path.replace(/^\//, '').split('?')[0] ?? '';
    const row = path.startsWith('/') ? find(name) : undefined;
    const limit = row?.opens === 'token' ? (row.quota ?? ordinaryQuota) : tokenQuotas.get(name);
    return limit === undefined || limit === 'none' ? refuse('value-wrong', 76021, 'cgi_path not found') : { name, limit };
  }

  return {
    'cgi-bin/clear_quota': {
      method: 'POST',
      section: '3.2',
      opens: 'token',
      quota: 'none',
      async answer({ account, body }) {
        if (textOf(body, 'appid', [40013, 'invalid appid']) !== account.appId) refuse('value-wrong', 40013, 'invalid appid');
        await mayClear(account);
        await quotas.clear(account.appId);
        return ok;
      },
    },
    'cgi-bin/clear_quota/v2': {
      method: 'POST',
      section: '3.2',
      opens: 'itself',
      form: 'bytes',
      async answer(call, desk) {
        const account = await accountBySecret(call, desk);
        await mayClear(account);
        await quotas.clear(account.appId);
        return ok;
      },
    },
    'cgi-bin/openapi/quota/get': {
      method: 'POST',
      section: '3.2',
      opens: 'token',
      async answer({ account, body }) {
        const { name, limit } = limitOf(body);
        const used = Math.min(limit, await quotas.used(account.appId, name));
        return { ...ok, quota: { daily_limit: limit, used, remain: limit - used } };
      },
    },
    'cgi-bin/openapi/quota/clear': {
      method: 'POST',
      section: '3.2',
      opens: 'token',
      quota: 'none',
      async answer({ account, body }) {
        const { name } = limitOf(body);
        await mayClear(account);
        await quotas.set(account.appId, name, 0);
        return ok;
      },
    },
    'cgi-bin/openapi/rid/get': {
      method: 'POST',
      section: '0',
      opens: 'token',
      async answer({ account, body, now }) {
        const rid = optionalTextOf(body, 'rid', [76002, 'invalid rid']) ?? '';
        if (!/^[0-9a-f]{8}(-[0-9a-f]{8}){2}$/.test(rid)) refuse('value-wrong', 76002, 'invalid rid');
        const found = await rids.find(rid, now);
        if (found === 'unknown') refuse('nothing-there', 76001, 'rid not found');
        if (found === 'over') refuse('out-of-time', 76004, 'rid expired');
        if (found.appId !== account.appId) refuse('not-granted', 76003, 'rid not belong to this appid');
        const { at, milliseconds, url, body: requestBody, answer } = found;
        const request = {
          invoke_time: Math.floor(at / 1000),
          cost_in_ms: milliseconds,
          request_url: url,
          request_body: requestBody,
          response_body: answer,
        };
        return { ...ok, request };
      },
    },
  };
}

/** The JSON of a body that may be missing. */
function readObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, as for everything else that is no object.
  }
  throw new CallRefusal('body', 'malformed-call', 47001, 'data format error');
}
