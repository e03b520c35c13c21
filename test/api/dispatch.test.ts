import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readProxies } from '../../server/api/address.ts';
import { dispatchRoutes } from '../../server/api/dispatch.ts';
import { createEdge, type Edge } from '../../server/api/edge.ts';
import { callLimits } from '../../server/api/limits.ts';
import { apiPrefix, route } from '../../server/api/route.ts';
import { textSchema } from '../../server/api/schemas.ts';
import { openRateBuckets } from '../../server/coordination/rate-buckets.ts';
import { openStoredAnswers } from '../../server/coordination/stored-answers.ts';
import type { Database } from '../../server/database/index.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { fault } from '../../server/kernel/errors.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { createVault } from '../../server/kernel/vault.ts';
import type { KeyCaller, Role, StaffCaller } from '../../server/merchants/index.ts';
import { openTestDatabase } from '../support/database.ts';

const ids = createIds(systemClock);

/** A shelf of things: what a row of the API can be, without the rest of the server. */
function shelf() {
  const things = new Map<string, string>();
  let failsNext = 0;
  const failOnce = () => {
    failsNext = 1;
  };
  const thing = z.object({ id: z.string(), name: z.string(), version: z.int() });
  const naming = z.strictObject({ name: z.string().min(2).max(20), note: textSchema(9).optional() });
  const routes = [
    route({
      ...{ method: 'GET', path: '/things', summary: 'All things.', allow: 'merchant.read' },
      answers: { 200: { says: 'They.', schema: z.object({ items: z.array(thing) }) } },
      handle: async () => ({
        status: 200,
        body: { items: [...things].map(([id, name]) => ({ id, name, version: 1, cost: 'a secret' })) },
      }),
    }),
    route({
      ...{ method: 'POST', path: '/things', summary: 'A new thing.', allow: 'merchant.edit', body: naming },
      answers: { 201: { says: 'It.', schema: thing } },
      async handle({ body, newId }) {
        const id = newId<'thing'>();
        if (body.name === 'refused') throw fault('request.refused', `no, for the ${things.size + 1}th time`);
        things.set(id, body.name);
        if (failsNext-- > 0) throw new Error('it broke in the middle');
        return { status: 201, body: { id, name: body.name, version: 1 }, version: 1 };
      },
    }),
    route({
      ...{ method: 'PATCH', path: '/things/{thingId}', summary: 'Another name.', allow: 'merchant.edit', isConditional: true },
      ...{ params: z.object({ thingId: z.string() }), body: naming, answers: { 200: { says: 'It.', schema: thing } } },
      handle: async ({ params, body, version }) => ({
        status: 200,
        body: { id: params.thingId, name: body.name, version: version + 1 },
        version: version + 1,
      }),
    }),
    route({
      ...{ method: 'POST', path: '/things/counts', summary: 'Counts them.', allow: 'merchant.edit' },
      answers: { 202: { says: 'Soon.' } },
      async handle({ newId }) {
        things.set(newId<'thing'>(), 'counted');
        return { status: 202 };
      },
    }),
    route({
      ...{ method: 'POST', path: '/sessions', summary: 'Opens a session.', allow: 'anyone', isRepeatable: false },
      answers: { 204: { says: 'It is open.' } },
      handle: async () => ({ status: 204, session: { token: 'a-token', expiresAt: 4e12 } }),
    }),
    route({
      ...{ method: 'GET', path: '/me', summary: 'Who calls, from where.', allow: 'staff' },
      answers: { 200: { says: 'Who.', schema: z.object({ id: z.string(), address: z.string() }) } },
      handle: async ({ caller, address }) => ({ status: 200, body: { id: caller.id, address } }),
    }),
  ];
  return { things, routes, failOnce };
}

describe('a row of the API', () => {
  const merchantId = ids<'merchant'>();
  const owner: StaffCaller = {
    ...{ kind: 'staff', merchantId, id: ids(), sessionId: 's', name: '林', role: 'owner', storeIds: [], isHouse: true },
  };
  const key: KeyCaller = { kind: 'key', merchantId, id: ids<'key'>(), name: 'till', scopes: ['merchant.read'] };
  const lines: string[] = [];
  let database: Database;
  let edge: Edge;
  let url: string;
  let one: ReturnType<typeof shelf>;
  let role: Role = 'owner';

  async function open(publicUrl?: URL): Promise<Edge> {
    const shared = { database, clock: systemClock };
    const api = dispatchRoutes({
      routes: one.routes,
      ids,
      publicUrl,
      buckets: await openRateBuckets(shared),
      answers: await openStoredAnswers({ ...shared, ids, vault: createVault([randomBytes(32)]) }),
      doors: {
        findSession: async (token) => (token.startsWith('sws_owner') ? { ...owner, id: token as Id<'staff'>, role } : undefined),
        findKey: async (secret) => (secret.startsWith('swk_right') ? { ...key, id: secret as Id<'key'> } : undefined),
      },
    });
    return createEdge({
      clock: systemClock,
      ids,
      log: createLog('warn', { write: (line) => void lines.push(line) }),
      proxies: readProxies('127.0.0.1'),
      timeRequests: (_, next) => next(),
      middlewares: [api],
    });
  }

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  beforeEach(async () => {
    await edge?.close();
    one = shelf();
    role = 'owner';
    edge = await open();
    url = (await edge.listen(0, '127.0.0.1')) + apiPrefix;
  });
  afterAll(async () => {
    await edge.close();
    await database.close();
  });

  /** An owner of their own, so that no test meets another's limits and names. */
  const signIn = () => `Bearer sws_owner_${ids()}`;

  function send(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
    const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
    return fetch(url + path, {
      method,
      headers: { ...json, ...headers },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  interface Answered {
    id?: string;
    address?: string;
    detail?: string;
    retryAfter?: number;
    errors?: { message: string }[];
  }
  const jsonOf = async (response: Response) => (await response.json()) as Answered;

  describe('lets in', () => {
    it('whom it names, and nobody else', async () => {
      const authorization = signIn();
      expect((await send('GET', '/things')).status).toBe(401);
      expect((await send('GET', '/things', { authorization })).status).toBe(200);
      expect((await send('GET', '/things', { authorization: `Bearer swk_right_${ids()}` })).status).toBe(200);
      expect((await send('POST', '/things', { authorization: `Bearer swk_right_${ids()}` }, { name: 'tea' })).status).toBe(403);
      expect((await send('GET', '/me', { authorization: `Bearer swk_right_${ids()}` })).status).toBe(403);
    });

    it('nobody by a token that opens nothing, even where anyone may come', async () => {
      for (const authorization of [
        'Bearer sws_wrong_0123456789',
        'Bearer swk_wrong_0123456789',
        'Bearer short',
        'Basic bGluOmxpbg==',
      ]) {
        expect((await send('GET', '/things', { authorization })).status, authorization).toBe(401);
        expect((await send('POST', '/sessions', { authorization })).status, authorization).toBe(401);
      }
    });

    it('nobody whom another site’s page has sent with the reader’s cookie', async () => {
      const cookie = `session=sws_owner_${ids()}`;
      const host = new URL(url).host;
      const foreign: Record<string, string>[] = [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: `http://${host}.evil.example` },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ];
      for (const headers of foreign) {
        for (const path of ['/things', '/things/counts'])
          expect((await send('POST', path, { cookie, ...headers }, { name: 'tea' })).status, JSON.stringify(headers)).toBe(403);
      }
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
        for (const path of ['/things', '/things/counts'])
          expect((await send('POST', path, { cookie, 'content-type': type }, 'name=tea')).status, type).toBe(415);
      }
      expect(one.things.size).toBe(0);
      expect((await send('POST', '/things', { cookie, origin: `http://${host}` }, { name: 'tea' })).status).toBe(201);
      expect((await send('GET', '/things', { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(200);
    });
  });

  describe('answers', () => {
    it('what its schema names and nothing else', async () => {
      const authorization = signIn();
      await send('POST', '/things', { authorization }, { name: 'tea' });
      expect(await (await send('GET', '/things', { authorization })).text()).not.toContain('secret');
    });

    it('HEAD as GET without a body, OPTIONS with what there is, and other methods with 405', async () => {
      const head = await send('HEAD', '/things', { authorization: signIn() });
      expect([head.status, await head.text()]).toEqual([200, '']);
      const options = await send('OPTIONS', '/things');
      expect([options.status, options.headers.get('allow')]).toEqual([200, 'HEAD, GET, POST']);
      expect(options.headers.get('access-control-allow-origin')).toBeNull();
      const wrong = await send('DELETE', '/things');
      expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'HEAD, GET, POST']);
      expect((await send('GET', '/nothing')).status).toBe(404);
      expect((await send('GET', '')).status).toBe(404);
    });

    it('202 without a body as 202', async () => {
      const response = await send('POST', '/things/counts', { authorization: signIn() });
      expect([response.status, await response.text()]).toEqual([202, '']);
    });

    it('a session as a cookie that no script reads; over HTTPS bound to the host, though the proxy speaks HTTP to us', async () => {
      expect((await send('POST', '/sessions')).headers.get('set-cookie')).toMatch(
        /^session=a-token; path=\/; expires=.*; samesite=strict; httponly$/,
      );
      const secure = await open(new URL('https://shop.example.com'));
      url = (await secure.listen(0, '127.0.0.1')) + apiPrefix;
      const response = await send('POST', '/sessions', { origin: 'https://shop.example.com' });
      expect(response.status).toBe(204);
      expect(response.headers.get('set-cookie')).toMatch(/^__Host-session=a-token; .*secure; httponly$/);
      await secure.close();
    });

    it('an edit with the next version as ETag, and refuses one without or with a foreign If-Match', async () => {
      const authorization = signIn();
      const edit = (match: Record<string, string>) => send('PATCH', '/things/1', { authorization, ...match }, { name: 'tea' });
      expect((await edit({ 'if-match': '"3"' })).headers.get('etag')).toBe('"4"');
      expect((await edit({})).status).toBe(428);
      for (const tag of ['*', 'W/"3"', '3', '"x"', '"1", "2"', '"9999999999999999999999"'])
        expect((await edit({ 'if-match': tag })).status, tag).toBe(412);
    });
  });

  describe('refuses', () => {
    it('as a problem with a page of its own, a title in the reader’s language and the request’s id', async () => {
      const response = await send('GET', '/things', { 'accept-language': 'en-GB, zh;q=0.5' });
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(response.headers.get('content-language')).toBe('en');
      expect(await jsonOf(response)).toEqual({
        type: '/api/v1/problems/request.unauthenticated',
        title: 'Nobody is signed in',
        status: 401,
        code: 'request.unauthenticated',
        detail: 'Sign in, or send an API key as a bearer token.',
        instance: response.headers.get('x-request-id'),
      });
      expect(await (await send('GET', '/things')).json()).toMatchObject({ title: '需要登录' });
    });

    it('every field that cannot be used at once, where it stands and why', async () => {
      const authorization = signIn();
      const response = await send('POST', '/things', { authorization, 'accept-language': 'en' }, { note: 7, 'a/b': 1 });
      expect(response.status).toBe(422);
      expect((await jsonOf(response)).errors).toEqual([
        { path: 'body.name', pointer: '#/name', code: 'missing', message: 'is needed' },
        {
          path: 'body.note',
          pointer: '#/note',
          code: 'invalid_type',
          message: 'Invalid input: expected string, received number',
        },
        { path: 'body', pointer: '#', code: 'unrecognized_keys', message: 'Unrecognized key: "a/b"' },
      ]);
      const chinese = await jsonOf(await send('POST', '/things', { authorization }, { name: '茶', note: '\u200b' }));
      expect(chinese.errors?.map(({ message }) => message)).toEqual([
        expect.stringMatching(/^数值过小/),
        '要有看得见的内容，不能有控制字符',
      ]);
    });

    it('without telling back what was sent', async () => {
      const authorization = signIn();
      const secret = 'hunter2hunter2hunter2hunter2';
      for (const body of [{ name: secret }, { name: { secret } }, { name: 'tea', note: [secret] }, [secret], secret])
        expect(await (await send('POST', '/things', { authorization }, body)).text()).not.toContain('hunter2');
      expect(lines.join('')).not.toContain('hunter2');
    });

    it('bodies that are no JSON, too large, compressed or of another type', async () => {
      const authorization = signIn();
      const status = async (body: unknown, headers: Record<string, string> = {}) =>
        (await send('POST', '/things', { authorization, ...headers }, body)).status;
      expect(await status('{"name":')).toBe(400);
      expect(await status(undefined, { 'content-type': 'application/json' })).toBe(400);
      expect(await status({ name: 'tea' }, { 'content-type': 'text/json' })).toBe(415);
      expect(await status({ name: 'tea' }, { 'content-encoding': 'gzip' })).toBe(415);
      const large = await send('POST', '/things', { authorization }, { name: 'x'.repeat(65 * 1024) });
      expect([large.status, large.headers.get('connection')]).toEqual([413, 'close']);
    });
  });

  describe('sent again under the same Idempotency-Key', () => {
    const post = (authorization: string, name: string, key: string, more: Record<string, string> = {}) =>
      send('POST', '/things', { authorization, 'idempotency-key': key, ...more }, { name });

    it('has one effect and the same answer', async () => {
      const authorization = signIn();
      const first = await post(authorization, 'tea', 'a');
      const again = await post(authorization, 'tea', 'a');
      expect(first.headers.get('idempotent-replayed')).toBeNull();
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect([again.status, again.headers.get('etag'), await again.json()]).toEqual([201, '"1"', await first.json()]);
      expect(one.things.size).toBe(1);
    });

    it('has one effect when many arrive at once', async () => {
      const authorization = signIn();
      const all = await Promise.all(Array.from({ length: 12 }, () => post(authorization, 'tea', 'many')));
      expect(all.map(({ status }) => status)).toEqual(all.map(() => 201));
      expect(new Set(await Promise.all(all.map(async (one) => (await jsonOf(one)).id))).size).toBe(1);
      expect(one.things.size).toBe(1);
    });

    it('is refused when it is another request', async () => {
      const authorization = signIn();
      await post(authorization, 'tea', 'a');
      expect(await (await post(authorization, 'coffee', 'a')).json()).toMatchObject({ code: 'request.repeated-differently' });
      const elsewhere = await send('POST', '/things/counts', { authorization, 'idempotency-key': 'a' });
      expect(elsewhere.status).toBe(409);
      expect(one.things.size).toBe(1);
    });

    it('tells whose role has changed since nothing, and does nothing', async () => {
      const authorization = signIn();
      const made = await jsonOf(await post(authorization, 'tea', 'a'));
      role = 'manager';
      const again = await post(authorization, 'tea', 'a');
      expect(again.status).toBe(409);
      expect(await again.text()).not.toContain(made.id);
      expect(one.things.size).toBe(1);
    });

    it('is another’s own when another sends it', async () => {
      await post(signIn(), 'tea', 'a');
      expect((await post(signIn(), 'coffee', 'a')).status).toBe(201);
    });

    it('is refused again in the same words, but judged anew when it was not even begun', async () => {
      const authorization = signIn();
      const refused = await jsonOf(await post(authorization, 'refused', 'r'));
      await post(authorization, 'tea', 't');
      expect((await jsonOf(await post(authorization, 'refused', 'r'))).detail).toBe(refused.detail);
      expect((await post(authorization, 'x', 'n')).status).toBe(422);
      expect((await post(authorization, 'tea', 'n')).status).toBe(201);
    });

    it('is worked again with the same ids when the server failed', async () => {
      const authorization = signIn();
      one.failOnce();
      expect((await post(authorization, 'tea', 'f')).status).toBe(500);
      expect((await post(authorization, 'tea', 'f')).status).toBe(201);
      expect(one.things.size).toBe(1);
    });

    it('keeps no session', async () => {
      for (let i = 0; i < 2; i++) {
        const response = await send('POST', '/sessions', { 'idempotency-key': 'session' });
        expect([response.status, response.headers.get('idempotent-replayed')]).toEqual([204, null]);
      }
    });

    it('is refused for a key that is empty of sense', async () => {
      for (const key of ['with space', 'x'.repeat(201), 'tab\there'])
        expect((await post(signIn(), 'tea', key)).status, key).toBe(400);
      expect((await post(signIn(), 'tea', 'x'.repeat(200))).status).toBe(201);
    });
  });

  describe('is limited', () => {
    it('a caller, whichever process is asked, who hears how many calls are left', async () => {
      const authorization = signIn();
      const second = await open();
      const urls = [url, (await second.listen(0, '127.0.0.1')) + apiPrefix];
      const first = await send('GET', '/me', { authorization });
      expect(first.headers.get('ratelimit-policy')).toBe('"staff";q=600;w=60');
      expect(first.headers.get('ratelimit')).toMatch(/^"staff";r=599;t=\d+$/);
      const statuses: number[] = [];
      // One more than the limit, and what one process may have put aside for itself.
      for (let i = 0; i < callLimits.staff.limit / 10; i++) {
        const calls = Array.from({ length: 12 }, (_, k) => fetch(`${urls[k % 2]}/me`, { headers: { authorization } }));
        statuses.push(...(await Promise.all(calls)).map(({ status }) => status));
      }
      expect(statuses.filter((status) => status === 200)).toHaveLength(callLimits.staff.limit - 1);
      const refused = await send('GET', '/me', { authorization });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await jsonOf(refused)).retryAfter).toBeLessThanOrEqual(60_000);
      expect((await send('GET', '/me', { authorization: signIn() })).status).toBe(200);
      await second.close();
    });

    it('an address of nobody’s, as the proxy names it, also when it tries tokens', async () => {
      const from = (address: string, more = {}) => send('GET', '/me', { 'x-forwarded-for': `9.9.9.9, ${address}`, ...more });
      const all = await Promise.all(
        Array.from({ length: 130 }, (_, i) => from('203.0.113.7', { authorization: `Bearer sws_guess_${i}_0123456789` })),
      );
      expect(all.filter(({ status }) => status === 401)).toHaveLength(callLimits.nobody.limit);
      expect((await from('203.0.113.7')).status).toBe(429);
      expect((await from('203.0.113.8')).status).toBe(401);
      expect((await from('203.0.113.7', { authorization: signIn() })).status).toBe(200);
    });
  });

  it('hears the address that the trusted proxy names', async () => {
    const response = await send('GET', '/me', { authorization: signIn(), 'x-forwarded-for': '6.6.6.6, 203.0.113.9' });
    expect((await jsonOf(response)).address).toBe('203.0.113.9');
  });
});
