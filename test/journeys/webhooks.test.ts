import { Webhook as StandardWebhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signUp } from '../support/api.ts';
import { startApp } from '../support/app.ts';
import { openReceiver } from '../support/receiver.ts';

const soon = { timeout: 20_000, interval: 50 };

test('R41 a program with an API key is told by webhook what happens, verified and once, and reads the same from the API', async () => {
  const app = await startApp({ environment: { WEBHOOKS_ALLOW_PRIVATE: 'on' } });
  const till = await openReceiver();
  try {
    const { program } = await signUp(app);
    const { post, get } = await program(['webhook.read', 'webhook.edit', 'event.read']);
    const made = await post<{ webhook: { id: string }; secret: string }>('/webhooks', { name: '收银台', url: till.url });
    expect(made.status).toBe(201);
    const { webhook, secret } = made.body;

    const tested = await post<{ status: number }>(`/webhooks/${webhook.id}/test`);
    expect(tested).toMatchObject({ status: 200, body: { status: 204 } });
    expect(till.received.map(({ event }) => event.type)).toEqual(['webhook.tested']);

    const ming = await app.follower('小明');
    await ming.follows({ entryCode: 'door' });
    await expect.poll(() => till.received.length, soon).toBe(2);
    const [, told] = till.received;
    const event = new StandardWebhook(secret).verify(told?.body ?? '', told?.headers as Record<string, string>);
    expect(event).toMatchObject({ type: 'follower.followed', data: { entryCode: 'door' } });
    expect(told?.body).not.toContain(ming.openid);

    const read = await get<{ items: { id: string }[]; next: number }>('/events');
    const { recordedAt: _recordedAt, id, ...rest } = read.body.items[0] as { id: string; recordedAt: number };
    expect(read.body.items).toHaveLength(1);
    expect([id, rest]).toEqual([told?.id, event]);
    expect((await get(`/events?after=${read.body.next}`)).body).toEqual({ items: [], next: read.body.next });

    await ming.unfollows();
    await expect.poll(() => till.received.length, soon).toBe(3);
    const deliveries = () => get<{ items: { state: string }[] }>(`/webhooks/${webhook.id}/deliveries`);
    await expect
      .poll(async () => (await deliveries()).body.items.map(({ state }) => state), soon)
      .toEqual(['delivered', 'delivered']);
    expect(till.received.map(({ event: { type } }) => type)).toEqual([
      'webhook.tested',
      'follower.followed',
      'follower.unfollowed',
    ]);
  } finally {
    await app.close();
    await till.close();
  }
});
