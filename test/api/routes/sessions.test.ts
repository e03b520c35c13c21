import { Writable } from 'node:stream';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../server/database/index.ts';
import { databaseName } from '../../../server/kernel/config.ts';
import { createLog } from '../../../server/kernel/log.ts';
import { createApiClient, type Signed, type StaffClient, signUp, testPassword } from '../../support/api.ts';
import { type AppStory, startApp } from '../../support/app.ts';

interface Opened {
  staff: { id: string; name: string; role: string; login: string };
  merchant: { slug: string };
  permissions: string[];
  expiresAt: number;
  token?: string;
}

let story: AppStory;
let house: Signed;
let owner: StaffClient;
let lines = '';

beforeAll(async () => {
  const log = createLog(
    'debug',
    new Writable({
      write(chunk, _, done) {
        lines += chunk;
        done();
      },
    }),
  );
  story = await startApp({ log });
  house = await signUp(story);
  owner = house.owner;
});
afterAll(() => story.close());

/** Somebody with a browser: it keeps the cookie that it was given. */
async function signInByCookie(login: string, headers: Record<string, string> = {}) {
  const given = { merchant: 'demo', login, password: testPassword };
  const answered = await createApiClient(story.url).post<Opened>('/sessions', given, headers);
  const cookie = answered.headers.get('set-cookie') ?? '';
  return { ...answered, cookie, browser: createApiClient(story.url, { Cookie: cookie.split(';')[0] ?? '' }) };
}

describe('signing in', () => {
  it('gives a browser a cookie that no script reads and no other site sends, and the token nowhere else', async () => {
    const { status, cookie, body, browser } = await signInByCookie(owner.login);
    expect(status).toBe(201);
    expect(cookie).toMatch(/^session=sws_[\w-]{43}; path=\/; expires=[^;]+; samesite=strict; httponly$/i);
    expect(Date.parse(/expires=([^;]+)/i.exec(cookie)?.[1] ?? '')).toBe(Math.floor(body.expiresAt / 1_000) * 1_000);
    expect(body).not.toHaveProperty('token');
    expect(JSON.stringify(body)).not.toContain('sws_');
    expect(body).toMatchObject({ staff: { id: owner.id, role: 'owner' }, merchant: { slug: 'demo' } });
    expect((await browser.get<Opened>('/session')).body).toEqual(body);
  });

  it('gives a mini-program a bearer token, and no cookie', async () => {
    const given = { login: owner.login, password: testPassword, as: 'bearer' };
    const { body, headers } = await house.nobody.post<Opened>('/sessions', given);
    expect(headers.get('set-cookie')).toBeNull();
    const program = createApiClient(story.url, { Authorization: `Bearer ${body.token}` });
    expect((await program.get<Opened>('/session')).body).toMatchObject({
      staff: { id: owner.id },
      permissions: body.permissions,
    });
  });

  it('takes no session that was there before: a token that somebody planted opens nothing afterwards', async () => {
    const planted = `sws_${'p'.repeat(43)}`;
    const { cookie } = await signInByCookie(owner.login, { Cookie: `session=${planted}` });
    expect(cookie).not.toContain(planted);
    const thief = createApiClient(story.url, { Cookie: `session=${planted}` });
    expect((await thief.get('/session')).status).toBe(401);
  });

  it('tells what each role may, and the house owner alone that others may be opened', async () => {
    const permissionsOf = async (client: StaffClient) => (await client.get<Opened>('/session')).body.permissions;
    expect(await permissionsOf(owner)).toContain('merchant.create');
    const second = await house.openMerchant('permissions');
    expect(await permissionsOf(second.owner)).not.toContain('merchant.create');
    expect(await permissionsOf(await house.join('clerk'))).toEqual(['merchant.read']);
  });

  it('is refused for a wrong password and an unknown login in one way', async () => {
    const refuse = async (login: string) => {
      const { status, body } = await house.nobody.post<{ code: string; detail: string }>('/sessions', {
        merchant: 'demo',
        login,
        password: 'wrong password',
      });
      return { status, code: body.code, detail: body.detail };
    };
    const known = await refuse(owner.login);
    expect(known).toMatchObject({ status: 401, code: 'session.refused' });
    expect(await refuse('nobody@example.com')).toEqual(known);
  });

  it('from the page of another site is refused', async () => {
    const given = { merchant: 'demo', login: owner.login, password: testPassword };
    const headers = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    const { status, headers: answered } = await house.nobody.post('/sessions', given, headers);
    expect([status, answered.get('set-cookie')]).toEqual([403, null]);
  });

  it('shows on the door the merchant that is asked for, and nothing of one that there is not', async () => {
    expect((await house.nobody.get('/door?merchant=demo')).body).toEqual({
      merchant: { slug: 'demo', name: story.config['merchant.name'] },
      hasSandbox: true,
    });
    expect((await house.nobody.get('/door?merchant=no-such')).body).toEqual({ hasSandbox: true });
  });
});

describe('signing out', () => {
  it('ends the session and the cookie', async () => {
    const { browser } = await signInByCookie(owner.login);
    const { status, headers } = await browser.delete('/session');
    expect(status).toBe(204);
    expect(headers.get('set-cookie')).toMatch(/^session=; path=\/; expires=Thu, 01 Jan 1970/);
    expect((await browser.get('/session')).status).toBe(401);
  });

  it('of one or all others leaves this one', async () => {
    const clerk = await house.join('clerk');
    const [here, there] = [await signInByCookie(clerk.login), await signInByCookie(clerk.login)];
    const { body } = await here.browser.get<{ items: { id: string; isCurrent: boolean }[] }>('/session/all');
    expect(body.items.map(({ isCurrent }) => isCurrent).toSorted()).toEqual([false, false, true]);
    expect((await here.browser.delete('/session/others')).status).toBe(204);
    expect((await there.browser.get('/session')).status).toBe(401);
    const [only] = (await here.browser.get<{ items: { id: string }[] }>('/session/all')).body.items;
    expect((await here.browser.delete(`/session/all/${only?.id}`)).headers.get('set-cookie')).toMatch(/^session=;/);
    expect((await here.browser.get('/session')).status).toBe(401);
  });
});

describe("the staff's pages", () => {
  it('invite, edit and remove', async () => {
    const made = await owner.post<{ link: { id: string }; token: string; url: string }>('/links', {
      role: 'clerk',
      name: '小周',
    });
    expect(made.status).toBe(201);
    expect(made.body.url).toBe(`${story.url}/console/#/link/${made.body.token}`);
    const look = await house.nobody.post('/links/look', { token: made.body.token });
    expect(look.body).toMatchObject({
      purpose: 'join',
      role: 'clerk',
      name: '小周',
      merchantName: story.config['merchant.name'],
    });
    const given = { token: made.body.token, login: 'zhou@example.com', password: testPassword };
    const joined = await house.nobody.post<Opened>('/links/use', given);
    expect(joined.status).toBe(201);
    expect((await house.nobody.post('/links/use', given)).status).toBe(410);

    const path = `/staff/${joined.body.staff.id}`;
    const read = await owner.get<Opened['staff']>(path);
    expect((await owner.patch(path, { role: 'agent' }, '"9"')).status).toBe(412);
    const edited = await owner.patch<Opened['staff']>(path, { role: 'agent' }, read.etag);
    expect(edited.body).toMatchObject({ role: 'agent', name: '小周' });
    expect((await owner.delete(path, read.etag)).status).toBe(412);
    expect((await owner.delete(path, edited.etag)).status).toBe(204);
    expect((await owner.get(path)).status).toBe(404);
  });

  it.each(['x\r\nSet-Cookie: a=b', 'name\u0000', '\u202eeman', ' ', 'x'.repeat(61)])('take %j for no name', async (name) => {
    expect((await owner.post('/links', { role: 'clerk', name })).status).toBe(422);
    const { body } = await owner.post<{ token: string }>('/links', { role: 'clerk', name: 'Li Na' });
    const given = { token: body.token, name, login: 'odd@example.com', password: testPassword };
    expect((await house.nobody.post('/links/use', given)).status).toBe(422);
  });

  it('repeated with the same number make one link', async () => {
    const headers = { 'Idempotency-Key': 'invite-1' };
    const first = await owner.post('/links', { role: 'clerk', name: 'Once' }, headers);
    expect((await owner.post('/links', { role: 'clerk', name: 'Once' }, headers)).body).toEqual(first.body);
    const { body } = await owner.get<{ items: { name: string }[] }>('/links?limit=200');
    expect(body.items.filter(({ name }) => name === 'Once')).toHaveLength(1);
  });
});

describe('keys', () => {
  it('are made by owners, never with what a key may not have, and shown once', async () => {
    const made = await owner.post<{ key: { id: string; hint: string }; secret: string }>('/keys', {
      name: 'till',
      scopes: ['merchant.read'],
    });
    expect(made.status).toBe(201);
    expect((await owner.post('/keys', { name: 'till', scopes: ['key.edit'] })).status).toBe(422);
    const program = createApiClient(story.url, { Authorization: `Bearer ${made.body.secret}` });
    expect((await program.get('/merchant')).status).toBe(200);
    expect((await program.get('/staff')).status).toBe(403);
    expect((await program.get('/session')).status).toBe(403);
    expect(JSON.stringify((await owner.get('/keys')).body)).not.toContain(made.body.secret);
    expect((await owner.delete(`/keys/${made.body.key.id}`)).status).toBe(204);
    expect((await program.get('/merchant')).status).toBe(401);
  });
});

describe("one's own secrets", () => {
  it('are a password that one changes and codes that one begins and stops', async () => {
    const clerk = await house.join('clerk');
    const next = 'another four words here';
    expect((await clerk.put('/session/password', { present: 'wrong', password: next })).status).toBe(401);
    expect((await clerk.put('/session/password', { present: testPassword, password: 'short' })).status).toBe(422);
    expect((await clerk.put('/session/password', { present: testPassword, password: next })).status).toBe(204);
    expect((await clerk.post('/session/code', {})).status).toBe(401);
    const begun = await clerk.post<{ url: string }>('/session/code', { present: next });
    const secret = Secret.fromBase32(new URL(begun.body.url).searchParams.get('secret') ?? '');
    const code = new TOTP({ secret }).generate();
    const confirmed = await clerk.put<{ recoveryCodes: string[] }>('/session/code', { code });
    expect(confirmed.body.recoveryCodes).toHaveLength(10);
    const given = { merchant: 'demo', login: clerk.login, password: next };
    const asked = await house.nobody.post<{ code: string }>('/sessions', given);
    expect([asked.status, asked.body.code]).toEqual([401, 'session.code-needed']);
    expect((await house.nobody.post('/sessions', { ...given, code: confirmed.body.recoveryCodes[0] })).status).toBe(201);
    expect((await clerk.post('/session/code/stop', { code: confirmed.body.recoveryCodes[0] })).status).toBe(401);
    expect((await clerk.post('/session/code/stop', { code: confirmed.body.recoveryCodes[1] })).status).toBe(204);
  });

  it('are nowhere in the database, the log or the audit as they are', async () => {
    const invited = await owner.post<{ token: string }>('/links', { role: 'clerk', name: 'Secret' });
    const open = await owner.post<{ token: string }>('/links', { role: 'clerk', name: 'Open' });
    const given = { token: invited.body.token, login: 'secret@example.com', password: 'a password of its own', as: 'bearer' };
    const { token = '' } = (await house.nobody.post<Opened>('/links/use', given)).body;
    const clerk = createApiClient(story.url, { Authorization: `Bearer ${token}` });
    const begun = (await clerk.post<{ url: string }>('/session/code', { present: given.password })).body.url;
    const codeSecret = new URL(begun).searchParams.get('secret') ?? '';
    const code = new TOTP({ secret: Secret.fromBase32(codeSecret) }).generate();
    const { recoveryCodes } = (await clerk.put<{ recoveryCodes: string[] }>('/session/code', { code })).body;
    const key = (await owner.post<{ secret: string }>('/keys', { name: 'till', scopes: ['merchant.read'] })).body.secret;
    const secrets = { invited: invited.body.token, open: open.body.token, password: given.password, token, codeSecret, key };

    const dump = await dumpDatabase();
    expect(dump).toContain('secret@example.com');
    const audit = JSON.stringify((await owner.get('/audit?limit=200')).body);
    for (const [name, secret] of [
      ...Object.entries(secrets),
      ...recoveryCodes.map((one, index) => [`recovery ${index}`, one] as const),
    ]) {
      expect(secret.length, name).toBeGreaterThan(15);
      for (const form of [secret, secret.replaceAll('-', ''), Buffer.from(secret).toString('base64').replace(/=+$/, '')])
        expect([dump.includes(form), lines.includes(form), audit.includes(form)], name).toEqual([false, false, false]);
    }
  });
});

async function dumpDatabase(): Promise<string> {
  const uri = story.config['database.uri'];
  const log = { info() {}, warn() {}, error() {} };
  const database = await openDatabase({ uri, dataDir: '', name: databaseName(story.config), log });
  const collections = (await database.connection.db?.listCollections().toArray()) ?? [];
  const rows = await Promise.all(collections.map(({ name }) => database.connection.collection(name).find().toArray()));
  await database.close();
  return JSON.stringify(rows);
}
