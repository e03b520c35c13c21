import { BlockList, isIPv4 } from 'node:net';
import type { SandboxAccount } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { Issued } from '../tokens.ts';
import { textOf } from './fields.ts';
import { type Call, type CallDesk, CallRefusal, type CallRows, ok, refuse } from './row.ts';

/** §1.2, §3.1: tokens, and where the platform calls from. */
export function tokenCalls({ records, tokens, quotas }: CallParts): CallRows {
  /** Who asks for a token, and may they: the checks of both token calls. */
  async function checkGrant(given: Call['body'], address: string, desk: CallDesk): Promise<SandboxAccount> {
    const { grant_type: grant, appid: appId, secret } = given;
    if (grant !== 'client_credential') throw new CallRefusal('grant', 'wrong-grant', 40002, 'invalid grant_type');
    desk.pass('grant');
    if (typeof appId !== 'string' || appId === '') throw new CallRefusal('app-id', 'no-app-id', 41002, 'appid missing');
    if (typeof secret !== 'string' || secret === '') throw new CallRefusal('secret', 'no-secret', 41004, 'appsecret missing');
    const account = await records.findAccount(appId);
    if (!account) throw new CallRefusal('app-id', 'unknown-app', 40013, 'invalid appid');
    desk.name(account);
    desk.pass('app-id');
    checkSecret(account, secret);
    desk.pass('secret');
    if (!isListed(address, account.addresses)) {
      const both = isIPv4(address) ? `${address} ipv6 ::ffff:${address}` : `${address} ipv6 ${address}`;
      throw new CallRefusal('address', 'address-not-allowed', 40164, `invalid ip ${both}, not in whitelist`);
    }
    desk.pass('address');
    return account;
  }

  async function checkQuota({ appId }: SandboxAccount, name: string, desk: CallDesk): Promise<void> {
    if (!(await quotas.use(appId, name, tokenQuotas.get(name) ?? 0))) refuseQuota();
    desk.pass('quota');
  }

  return {
    'cgi-bin/token': {
      method: 'GET',
      section: '3.1',
      opens: 'itself',
      async answer({ query, address }, desk) {
        const account = await checkGrant(query, address, desk);
        await checkQuota(account, 'cgi-bin/token', desk);
        return answerToken(await tokens.issue(account.appId));
      },
    },
    'cgi-bin/stable_token': {
      method: 'POST',
      section: '3.1',
      opens: 'itself',
      async answer({ body, address }, desk) {
        const account = await checkGrant(body, address, desk);
        if (!(await quotas.use(account.appId, 'cgi-bin/stable_token', 10_000, 'minute'))) refuseQuota();
        await checkQuota(account, 'cgi-bin/stable_token', desk);
        const issued = await tokens.issueStable(account.appId, body.force_refresh === true);
        return answerToken(issued ?? refuseQuota());
      },
    },
    'cgi-bin/getcallbackip': {
      method: 'GET',
      section: '1.2',
      opens: 'token',
      answer: async () => ({ ip_list: ['127.0.0.1'] }),
    },
    'cgi-bin/get_api_domain_ip': {
      method: 'GET',
      section: '1.2',
      opens: 'token',
      answer: async () => ({ ip_list: ['127.0.0.1'] }),
    },
    'cgi-bin/callback/check': {
      method: 'POST',
      section: '1.2',
      opens: 'token',
      async answer({ body }) {
        const action = textOf(body, 'action', [40097, 'invalid args']);
        const operator = textOf(body, 'check_operator', [40097, 'invalid args']);
        if (!/^(all|dns|ping)$/.test(action) || !/^(DEFAULT|CHINANET|UNICOM|CAP)$/.test(operator))
          refuse('value-wrong', 40097, 'invalid args');
        return {
          ...(action !== 'ping' && { dns: [{ ip: '127.0.0.1', real_operator: 'UNICOM' }] }),
          ...(action !== 'dns' && { ping: [{ ip: '127.0.0.1', from_operator: 'UNICOM', package_loss: '0%', time: '0.5ms' }] }),
        };
      },
    },
    'cgi-bin/ticket/getticket': {
      method: 'GET',
      section: '3.3',
      opens: 'token',
      async answer({ account, query }) {
        const { type } = query;
        if (type !== 'jsapi' && type !== 'wx_card') refuse('value-wrong', 40097, 'invalid args');
        const { token, seconds } = await tokens.ticket(account.appId, type);
        return { ...ok, ticket: token, expires_in: seconds };
      },
    },
  };
}

/** What the two calls may be made a day, without a token. */
export const tokenQuotas: ReadonlyMap<string, number> = new Map([
  ['cgi-bin/token', 2_000],
  ['cgi-bin/stable_token', 500_000],
]);

/** Is it this account's secret. */
export function checkSecret({ appSecret }: SandboxAccount, secret: string): void {
  if (!/^[0-9a-f]{32}$/.test(secret)) throw new CallRefusal('secret', 'wrong-secret', 40125, 'invalid appsecret');
  if (secret !== appSecret)
    throw new CallRefusal('secret', 'wrong-secret', 40001, 'invalid credential, access_token is invalid or not latest');
}

export function refuseQuota(): never {
  throw new CallRefusal('quota', 'quota-used-up', 45009, 'reach max api daily quota limit');
}

function answerToken({ token, seconds }: Issued) {
  return { access_token: token, expires_in: seconds };
}

/** However it is written: an IPv6 address has many spellings. */
function isListed(address: string, list: readonly string[]): boolean {
  const allowed = new BlockList();
  for (const one of list) allowed.addAddress(one, isIPv4(one) ? 'ipv4' : 'ipv6');
  return address !== '' && allowed.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
