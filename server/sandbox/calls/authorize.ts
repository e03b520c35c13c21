import type { CallParts } from '../call-table.ts';
import type { FollowerRecord } from '../records.ts';
import { addLoginCode } from './login.ts';
import type { LoginRecords, Scope } from './login-records.ts';
import { type CallAnswer, type CallRows, pageAnswer } from './row.ts';

type AuthorizeParts = Pick<CallParts, 'records' | 'random' | 'callbackOf'>;

/**
 * §10.1: where a web page sends a browser to learn who holds it. In the sandbox there is no phone that knows: a page asks which of
 * the account's people it is, unless the address says so itself (`&openid=`), and sends the browser back with a code.
 */
export function authorizeCalls({ records, random, callbackOf }: AuthorizeParts, logins: LoginRecords): CallRows {
  return {
    'connect/oauth2/authorize': {
      method: 'GET',
      section: '10.1',
      opens: 'itself',
      async answer({ query, now }, desk): Promise<CallAnswer> {
        const account = await records.findAccount(query.appid ?? '');
        if (!account) return refusal(10013, 'AppID 参数错误');
        desk.name(account);
        const { appId, kind, isVerified } = account;
        if (kind !== 'service' || !isVerified) return refusal(10005, '该公众号没有网页授权的权限');
        const scope = scopeOf(query.scope);
        if (!scope || query.response_type !== 'code') return refusal(10005, 'Scope 参数错误或没有 Scope 权限');
        const back = backOf(query.redirect_uri, callbackOf(appId));
        if (!back) return refusal(10003, 'redirect_uri 域名与后台配置不一致');
        const people = (await records.followers()).filter((one) => one.appId === appId);
        const person = people.find(({ _id }) => _id === query.openid);
        if (!person) return choice(people, query);
        const code = await addLoginCode(logins, { appId, openid: person._id, kind: 'oauth', scope }, { now, random });
        back.searchParams.set('code', code);
        back.searchParams.set('state', query.state ?? '');
        return pageAnswer('', { status: 302, location: back.href });
      },
    },
  };
}

function scopeOf(scope: string | undefined): Scope | undefined {
  return scope === 'snsapi_base' || scope === 'snsapi_userinfo' ? scope : undefined;
}

/** Only to the host that takes the account's callbacks, or to this machine. */
function backOf(address: string | undefined, callback: URL | undefined): URL | undefined {
  if (address === undefined || !/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const back = new URL(address);
  return [callback?.hostname, 'localhost', '127.0.0.1', '[::1]'].includes(back.hostname) ? back : undefined;
}

function choice(people: readonly FollowerRecord[], query: Readonly<Record<string, string>>): CallAnswer {
  const entries = people.map(({ _id: openid, name }) => {
    const address = `?${new URLSearchParams({ ...query, openid })}`;
    return `<li><a href="${escapeText(address)}">${escapeText(name)}</a></li>`;
  });
  return page('谁在看这个网页？ / Who is looking at this page?', `<ul>${entries.join('')}</ul>`);
}

function refusal(code: number, why: string): CallAnswer {
  return page(`${code}`, `<p>${escapeText(why)}</p>`);
}

function page(title: string, html: string): CallAnswer {
  return pageAnswer(
    `<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${escapeText(title)}</title><h1>${escapeText(title)}</h1>${html}</html>`,
  );
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
