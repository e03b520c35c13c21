import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callLimits } from '../../server/api/limits.ts';
import { createApiClient, type Signed, signUp, testPassword } from '../support/api.ts';
import { type AppStory, ownDatabaseUri, startApp } from '../support/app.ts';

describe('two processes on one database', () => {
  let one: AppStory;
  let other: AppStory;
  let people: Signed;
  beforeAll(async () => {
    const environment = { MONGODB_URI: ownDatabaseUri(), SECRETS_KEY: randomBytes(32).toString('base64') };
    one = await startApp({ environment });
    people = await signUp(one);
    other = await startApp({ environment });
  });
  afterAll(async () => {
    await other?.close();
    await one?.close();
  });

  it('share who is signed in, and who is no longer', async () => {
    const clerk = await people.join('clerk');
    const elsewhere = createApiClient(other.url, clerk.headers);
    expect((await elsewhere.get('/session')).status).toBe(200);
    expect((await clerk.delete('/session')).status).toBe(204);
    expect((await elsewhere.get('/session')).status).toBe(401);
  });

  it('share keys, from the moment that one is revoked', async () => {
    const program = await people.program(['merchant.read']);
    const elsewhere = createApiClient(other.url, program.headers);
    expect((await elsewhere.get('/merchant')).status).toBe(200);
    expect((await people.owner.delete(`/keys/${program.id}`)).status).toBe(204);
    expect((await elsewhere.get('/merchant')).status).toBe(401);
  });

  it('share what a caller may still ask', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.20' };
    const [here, there] = [createApiClient(one.url, headers), createApiClient(other.url, headers)];
    const calls = Array.from({ length: callLimits.nobody.limit + 20 }, (_, i) => (i % 2 ? here : there).get('/door'));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(callLimits.nobody.limit);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  });

  it('share how often a password was guessed', async () => {
    const { login } = await people.join('clerk');
    const guess = (story: AppStory, password: string, address: string) =>
      createApiClient(story.url, { 'X-Forwarded-For': address }).post<{ code: string }>('/sessions', { login, password });
    for (let i = 0; i < 10; i++) expect((await guess(i % 2 ? one : other, `wrong guess ${i}`, `192.0.2.${i}`)).status).toBe(401);
    const right = await guess(other, testPassword, '192.0.2.99');
    expect([right.status, right.body.code]).toEqual([429, 'request.too-many']);
  });

  it('share the answers that repeats get, secrets that are shown once too', async () => {
    const elsewhere = createApiClient(other.url, people.owner.headers);
    const wanted = { name: '收银机', scopes: ['merchant.read'] };
    const named = { 'Idempotency-Key': 'till-1' };
    const first = await people.owner.post<{ secret: string }>('/keys', wanted, named);
    const again = await elsewhere.post<{ secret: string }>('/keys', wanted, named);
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, first.body, 'true']);
    expect((await createApiClient(other.url, { Authorization: `Bearer ${again.body.secret}` }).get('/merchant')).status).toBe(
      200,
    );
  });
});
