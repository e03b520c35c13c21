import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiClient, type Signed, signUp } from '../../support/api.ts';
import { type AppStory, startApp } from '../../support/app.ts';

interface Made {
  webhook: { id: string; version: number };
  secret: string;
}

let app: AppStory;
let people: Signed;
let owner: ApiClient;
beforeAll(async () => {
  app = await startApp();
  people = await signUp(app);
  owner = people.owner;
});
afterAll(() => app.close());

const make = (more: object = {}) => owner.post<Made>('/webhooks', { name: '收银台', url: 'https://8.8.8.8/hook', ...more });

test('an address that leads inwards is refused by its field, made or edited', async () => {
  const { body: made } = await make();
  for (const [url, code] of [
    ['https://127.0.0.1/hook', 'address-refused'],
    ['https://[::1]/hook', 'address-refused'],
    ['https://0x7f.1/', 'address-refused'],
    ['https://169.254.169.254/latest/meta-data', 'address-refused'],
    ['http://8.8.8.8/', 'scheme-refused'],
    ['https://me:secret@8.8.8.8/', 'credentials-refused'],
  ]) {
    const refusal = { status: 422, body: { code: 'request.invalid', errors: [{ path: 'body.url', code }] } };
    expect(await make({ url })).toMatchObject(refusal);
    expect(await owner.patch(`/webhooks/${made.webhook.id}`, { url }, '"1"')).toMatchObject(refusal);
  }
  for (const url of ['ftp://8.8.8.8/', 'file:///etc/passwd', 'nonsense', `https://8.8.8.8/${'x'.repeat(2_000)}`])
    expect((await make({ url })).status).toBe(422);
  expect((await make({ kinds: [] })).status).toBe(422);
  expect((await make({ kinds: ['order.paid'] })).status).toBe(422);
});

test('its secret is shown when it is made and when it is renewed, and never again', async () => {
  const { body: made, status } = await make();
  expect([status, made.secret]).toEqual([201, expect.stringMatching(/^whsec_/)]);
  const renewed = await owner.post<Made>(`/webhooks/${made.webhook.id}/secret`);
  expect(renewed.status).toBe(201);
  expect(renewed.body.secret).not.toBe(made.secret);
  const read = await owner.get<Made['webhook']>(`/webhooks/${made.webhook.id}`);
  const listed = await owner.get('/webhooks');
  const audited = await owner.get('/audit');
  expect(read.body).not.toHaveProperty('secret');
  for (const secret of [made.secret, renewed.body.secret])
    expect(JSON.stringify([read.body, listed.body, audited.body])).not.toContain(secret.slice('whsec_'.length));
});

test('a repeat with the same Idempotency-Key makes no second one and shows the same secret', async () => {
  const again = () =>
    owner.post<Made>('/webhooks', { name: 'once', url: 'https://8.8.8.8/' }, { 'Idempotency-Key': 'webhook-once' });
  const [first, second] = [await again(), await again()];
  expect(second.body).toEqual(first.body);
});

test('nobody is overwritten unseen', async () => {
  const { body: made } = await make();
  const path = `/webhooks/${made.webhook.id}`;
  const { etag } = await owner.get(path);
  expect(await owner.patch(path, { name: 'first' }, etag)).toMatchObject({ status: 200, etag: '"2"', body: { name: 'first' } });
  expect((await owner.patch(path, { name: 'second' }, etag)).status).toBe(412);
  expect((await owner.delete(path, etag)).status).toBe(412);
  expect((await owner.delete(path)).status).toBe(428);
  expect(await owner.patch(path, { state: 'paused', kinds: ['follower.followed'] }, '"2"')).toMatchObject({
    body: { state: 'paused', kinds: ['follower.followed'], name: 'first' },
  });
  const all = await owner.patch<{ kinds?: unknown }>(path, { kinds: null }, '"3"');
  expect(all.body.kinds).toBeUndefined();
  expect((await owner.patch(path, { state: 'broken' }, '"4"')).status).toBe(422);
  expect((await owner.delete(path, '"4"')).status).toBe(204);
  expect((await owner.get(path)).status).toBe(404);
  expect((await owner.get(`${path}/deliveries`)).status).toBe(404);
});

test('a replay names a position or a time, not both and not neither', async () => {
  const { body: made } = await make();
  const replay = (body: object) => owner.post(`/webhooks/${made.webhook.id}/replays`, body);
  expect((await replay({ after: 0 })).status).toBe(202);
  expect((await replay({ since: 0 })).status).toBe(202);
  for (const body of [{}, { after: 0, since: 0 }, { after: -1 }, { after: 1.5 }, { since: 'yesterday' }])
    expect((await replay(body)).status).toBe(422);
});

test('a program may read events and nothing more than its scopes name', async () => {
  const reader = await people.program(['event.read']);
  expect((await reader.get('/events')).body).toEqual({ items: [], next: 0 });
  expect((await reader.get('/events?after=7&limit=3')).body).toEqual({ items: [], next: 7 });
  for (const query of ['after=-1', 'after=x', 'limit=0', 'limit=201', 'memberId=x', 'other=1'])
    expect((await reader.get(`/events?${query}`)).status).toBe(422);
  expect((await reader.get('/webhooks')).status).toBe(403);
  const { body: made } = await make();
  const watcher = await people.program(['webhook.read']);
  expect((await watcher.get(`/webhooks/${made.webhook.id}`)).status).toBe(200);
  expect((await watcher.post(`/webhooks/${made.webhook.id}/test`)).status).toBe(403);
  expect((await watcher.get('/events')).status).toBe(403);
});
