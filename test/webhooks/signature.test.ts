import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { createSecret, signBody } from '../../server/webhooks/signature.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
const vector = {
  secret: /whsec_[A-Za-z0-9+/=]+/.exec(page)?.[0] ?? '',
  id: /webhook-id: (\S+)/.exec(page)?.[1] ?? '',
  timestamp: Number(/webhook-timestamp: (\d+)/.exec(page)?.[1]),
  signature: /webhook-signature: (\S+)/.exec(page)?.[1] ?? '',
  body: /^\{"type".*$/m.exec(page)?.[0] ?? '',
};

test('the documented delivery is signed as the page shows it', () => {
  expect(vector.body).toContain('follower.followed');
  expect(signBody([vector.secret], vector.id, vector.timestamp * 1000 + 999, vector.body)).toEqual({
    'webhook-id': vector.id,
    'webhook-timestamp': String(vector.timestamp),
    'webhook-signature': vector.signature,
  });
  expect(new StandardWebhook(vector.secret).sign(vector.id, new Date(vector.timestamp * 1000), vector.body)).toBe(
    vector.signature,
  );
});

test('the documented receiver takes it, and nothing that was changed', async () => {
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { isOurs } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const headers = signBody([createSecret(), vector.secret], vector.id, vector.timestamp * 1000, vector.body);
  const now = vector.timestamp * 1000 + 5_000;
  expect(isOurs(headers, vector.body, vector.secret, now)).toBe(true);
  expect(isOurs(headers, Buffer.from(vector.body), vector.secret, now)).toBe(true);
  expect(isOurs(headers, `${vector.body} `, vector.secret, now)).toBe(false);
  expect(isOurs({ ...headers, 'webhook-id': 'another' }, vector.body, vector.secret, now)).toBe(false);
  expect(isOurs(headers, vector.body, createSecret(), now)).toBe(false);
  expect(isOurs(headers, vector.body, vector.secret, now + 600_000)).toBe(false);
  expect(isOurs({ ...headers, 'webhook-timestamp': 'soon' }, vector.body, vector.secret, now)).toBe(false);
});

test('secrets are new each time and taken by an independent library', () => {
  const [one, two] = [createSecret(), createSecret()];
  expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(one).not.toBe(two);
  const now = new Date(Math.floor(performance.timeOrigin + performance.now()));
  const headers = { ...signBody([one], 'id', now.getTime(), '{"好":1}') };
  expect(new StandardWebhook(one).verify('{"好":1}', headers)).toEqual({ 好: 1 });
  expect(() => new StandardWebhook(two).verify('{"好":1}', headers)).toThrow();
});
