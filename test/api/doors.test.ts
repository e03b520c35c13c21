import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from '../../server/database/index.ts';
import { databaseName } from '../../server/kernel/config.ts';
import { permissionNames, roles } from '../../server/merchants/index.ts';
import { permissions } from '../../server/merchants/permissions.ts';
import { type ApiClient, type Signed, signUp } from '../support/api.ts';
import { type AppStory, startApp } from '../support/app.ts';
import { type Callable, operationsOf, pathNames, readDocument, requestOf } from '../support/operations.ts';

interface Item {
  items: { id: string }[];
}

/** An id of each kind that a path may name, of something that the first merchant has. A route with another kind of id fails below until it has a line here. */
const owned: Record<string, (first: Signed) => Promise<string | undefined>> = {
  accountId: async ({ owner }) => (await owner.get<Item>('/accounts')).body.items[0]?.id,
  staffId: async ({ join }) => (await join('agent', '被看的人')).id,
  linkId: async ({ owner }) =>
    (await owner.post<{ link: { id: string } }>('/links', { role: 'clerk', name: '小周' })).body.link.id,
  keyId: async ({ program }) => (await program(['merchant.read'])).id,
  sessionId: async ({ owner }) => (await owner.get<Item>('/session/all')).body.items[0]?.id,
  memberId: async ({ owner }) => (await owner.get<Item>('/members')).body.items[0]?.id,
  webhookId: async ({ owner }) =>
    (await owner.post<{ webhook: { id: string } }>('/webhooks', { name: 'till', url: 'https://example.com/hook' })).body.webhook
      .id,
};

/** Ids that are asked for in a query or sent in a body: of what kind they are, or why there is nothing yet that they could name. */
const namedElsewhere: Record<string, string> = {
  actorId: 'staffId',
  subjectId: 'accountId',
  accountId: 'accountId',
  memberId: 'memberId',
  appId: 'the platform’s own, checked by no one here',
  originalId: 'the platform’s own, checked by no one here',
  storeIds: 'there are no stores yet',
};

describe('every route of the document', () => {
  let story: AppStory;
  let first: Signed;
  let second: Signed;
  let database: Database;
  let operations: Callable[];
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    story = await startApp();
    first = await signUp(story);
    second = await first.openMerchant('second');
    operations = operationsOf(await readDocument(story.url));
    const uri = story.config['database.uri'];
    const log = { info() {}, warn() {}, error() {} };
    database = await openDatabase({ uri, dataDir: tmpdir(), name: databaseName(story.config), log });
    const wanted = new Set(operations.flatMap(pathNames));
    await (await story.follower('小明')).follows();
    // What happened gets its position a moment later; a webhook made after that has nothing to deliver.
    await vi.waitUntil(async () => (await rowsOfFirst()).some((row) => row.startsWith('happenedHeads ')), { timeout: 20_000 });
    for (const [name, make] of Object.entries(owned)) if (wanted.has(name)) ids[name] = (await make(first)) ?? '';
  });
  afterAll(async () => {
    await database?.close();
    await story?.close();
  });

  /** Every row that has to do with the first merchant. Who calls is seen and counted: that is no change of theirs. */
  async function rowsOfFirst(): Promise<string[]> {
    const { merchantId } = first.owner;
    const collections = (await database.connection.db?.collections()) ?? [];
    const rows: string[] = [];
    for (const collection of collections) {
      if (['jobs', 'rate-buckets'].includes(collection.collectionName)) continue;
      for (const { lastUsedAt: _, lastSeenAt: __, ...row } of await collection.find().toArray()) {
        const text = JSON.stringify(row);
        if (text.includes(merchantId)) rows.push(`${collection.collectionName} ${text}`);
      }
    }
    return rows.sort();
  }

  /** Calls every operation that `wanted` chooses and gives the statuses that are not as expected; nothing of the first merchant's may change. */
  async function callAll(who: ApiClient, wanted: (one: Callable) => boolean, expected: number): Promise<string[]> {
    const before = await rowsOfFirst();
    expect(before.length).toBeGreaterThan(5);
    const chosen = operations.filter(wanted);
    expect(chosen.length).toBeGreaterThan(0);
    const wrong: string[] = [];
    for (const [index, one] of chosen.entries()) {
      const { path, init } = requestOf(one, ids);
      // Each from an address of its own: nobody's calls are counted by address.
      const headers = { ...(init.headers as Record<string, string>), 'X-Forwarded-For': `198.51.100.${index % 250}` };
      const { status } = await who.send(path, { ...init, headers });
      if (status !== expected) wrong.push(`${one.name}: ${status}`);
    }
    expect(await rowsOfFirst()).toEqual(before);
    return wrong;
  }

  const needsPermission = ({ operation }: Callable) => operation['x-permission'] in permissions;
  const permissionOf = ({ operation }: Callable) => operation['x-permission'] as keyof typeof permissions;
  const isOpen = ({ operation }: Callable) => operation['x-permission'] === 'anyone';
  const has = (role: (typeof roles)[number], one: Callable) =>
    (permissions[permissionOf(one)] as readonly string[]).includes(role);

  it('has a line here for each kind of id that it takes', () => {
    const unknown = operations.flatMap(pathNames).filter((name) => !owned[name]);
    expect([...new Set(unknown)]).toEqual([]);
    expect(Object.entries(ids).filter(([, id]) => !/^[0-9a-z]{26}$/.test(id))).toEqual([]);
    const named = operations.flatMap(({ name, operation, body, schemas }) => {
      const query = operation.parameters.filter((one) => one.in === 'query').map((one) => one.name);
      return [...query, ...namesIn(body, schemas)].filter((field) => /Ids?$/.test(field)).map((field) => ({ name, field }));
    });
    expect(named.filter(({ field }) => !namedElsewhere[field])).toEqual([]);
  });

  it('is closed to nobody, but those that say otherwise', async () => {
    expect(await callAll(first.nobody, (one) => !isOpen(one), 401)).toEqual([]);
    expect(operations.filter(isOpen).map(({ name }) => name)).toEqual([
      'GET /door',
      'POST /sessions',
      'POST /links/look',
      'POST /links/use',
    ]);
  });

  it.each(roles.filter((role) => role !== 'owner'))(
    'is closed to a %s who has not its permission, and open to one who has',
    async (role) => {
      const someone = await first.join(role);
      expect(await callAll(someone, (one) => needsPermission(one) && !has(role, one), 403)).toEqual([]);
      for (const one of operations.filter((each) => needsPermission(each) && has(role, each) && each.method === 'GET')) {
        const { path, init } = requestOf(one, ids);
        expect((await someone.send(path, init)).status, one.name).toBe(200);
      }
    },
  );

  it('is closed to a program whose key has not its scope', async () => {
    const reader = await first.program(['merchant.read']);
    expect(await callAll(reader, (one) => !isOpen(one) && permissionOf(one) !== 'merchant.read', 403)).toEqual([]);
    const scopes = permissionNames.filter((name) => name !== 'merchant.create' && name !== 'key.edit');
    const broad = await first.program(scopes);
    expect(await callAll(broad, (one) => !isOpen(one) && !(scopes as string[]).includes(permissionOf(one)), 403)).toEqual([]);
  });

  it('has nothing at ids of another merchant’s, which are there for their own', async () => {
    const named = (one: Callable) => pathNames(one).length > 0;
    for (const one of operations.filter((each) => named(each) && each.method === 'GET')) {
      const { path } = requestOf(one, ids);
      // The keys of an account that is connected are no longer shown.
      expect([200, 409], one.name).toContain((await first.owner.send(path)).status);
    }
    expect(await callAll(second.owner, named, 404)).toEqual([]);
  });

  it('lists nothing of another merchant’s, also when asked by its ids', async () => {
    const lists = operations.filter(({ method, path, name }) => method === 'GET' && !path.includes('{') && name !== 'GET /door');
    const { merchantId } = first.owner;
    for (const { name, path, operation } of lists) {
      const filters = operation.parameters.filter(({ name: field }) => ids[namedElsewhere[field] ?? '']);
      const queries = ['', ...filters.map(({ name: field }) => `?${field}=${ids[namedElsewhere[field] ?? '']}`)];
      for (const query of queries) {
        const response = await second.owner.send(path + query);
        expect(response.status, name + query).toBe(200);
        const text = await response.text();
        for (const id of [merchantId, ...Object.values(ids)]) expect(text, name + query).not.toContain(id);
      }
    }
  });

  it('is closed to another site’s page and its forms, whatever they know', async () => {
    const cookie = `session=${first.owner.headers.Authorization?.slice('Bearer '.length)}`;
    const before = await rowsOfFirst();
    for (const one of operations.filter(({ method }) => method !== 'GET')) {
      const { path, init } = requestOf(one, ids);
      for (const from of [
        { Origin: 'https://evil.example' },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
      ]) {
        const headers = { ...(init.headers as Record<string, string>), ...from, cookie };
        expect((await first.nobody.send(path, { ...init, headers })).status, one.name).toBe(403);
      }
      const headers = {
        ...(init.headers as Record<string, string>),
        cookie,
        'Content-Type': 'application/x-www-form-urlencoded',
      };
      expect(
        (await first.nobody.send(path, { ...init, headers, ...(init.method === 'POST' ? { body: 'a=b' } : {}) })).status,
        one.name,
      ).toBe(415);
    }
    expect(await rowsOfFirst()).toEqual(before);
  });
});

/** Every field's name in a schema, however deep. */
function namesIn(schema: unknown, schemas: Readonly<Record<string, unknown>>): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, $ref } = schema as { properties?: object; $ref?: string };
  const inner = $ref ? [schemas[$ref.split('/').at(-1) ?? '']] : Object.values(schema);
  return [...Object.keys(properties), ...inner.flatMap((one) => namesIn(one, schemas))];
}
