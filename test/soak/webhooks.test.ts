import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createApiClient, signUp } from '../support/api.ts';
import { openReceiver } from '../support/receiver.ts';
import { startServerProcess } from '../support/server-process.ts';

const rounds = 4;
const people = 10;
/** A killed process's lease, and what is then delivered. */
const soon = { timeout: 60_000, interval: 200 };

interface Read {
  items: { id: string; position: number; data: { memberId: string } }[];
}

it('kills in the middle of deliveries lose no event, and a member’s come in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-window-webhooks-'));
  const server = await startServerProcess({ DATA_DIR: folder, WEBHOOKS_ALLOW_PRIVATE: 'on' });
  const receiver = await openReceiver(async () => {
    await new Promise((resolve) => setTimeout(resolve, randomInt(0, 20)));
    return randomInt(0, 10) === 0 ? 500 : 204;
  });
  try {
    const { program } = await signUp({ url: server.url, ownerLink: await server.ownerLink });
    const { headers, post } = await program(['webhook.edit', 'event.read']);
    expect((await post('/webhooks', { name: 'till', url: receiver.url })).status).toBe(201);
    const openids: string[] = [];
    for (let index = 0; index < people; index++) openids.push(await newFollower(server.url, `person-${index}`));

    for (let round = 0; round < rounds; round++) {
      const changes = openids.map((openid) => act(server.url, openid, round % 2 ? 'unfollow' : 'follow').catch(() => {}));
      if (round % 2 === 0) await Promise.all(changes);
      await new Promise((resolve) => setTimeout(resolve, randomInt(0, 400)));
      await server.kill();
      await Promise.all(changes);
      await server.restart();
      const read = async () => (await createApiClient(server.url, headers).get<Read>('/events?limit=200')).body.items;
      await expect
        .poll(async () => (await read()).filter(({ id }) => !receiver.received.some((one) => one.id === id)).length, soon)
        .toBe(0);
    }
    const { body } = await createApiClient(server.url, headers).get<Read>('/events?limit=200');
    expect(body.items.length).toBeGreaterThanOrEqual((people * rounds) / 2);
    expect(body.items.map(({ position }) => position)).toEqual(body.items.map((_, index) => index + 1));
    for (const memberId of new Set(body.items.map(({ data }) => data.memberId))) {
      const positions = receiver.received
        .filter(({ event }) => event.data.memberId === memberId)
        .map(({ event }) => event.position);
      const first = [...new Set(positions)];
      expect(first).toEqual(first.toSorted((a, b) => a - b));
    }
  } finally {
    await server.kill();
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function newFollower(url: string, name: string): Promise<string> {
  const response = await sendToSandbox(url, '/followers', { name });
  return ((await response.json()) as { openid: string }).openid;
}

const act = (url: string, openid: string, what: 'follow' | 'unfollow') => sendToSandbox(url, `/followers/${openid}/${what}`, {});

const sendToSandbox = (url: string, path: string, body: object) =>
  fetch(`${url}/sandbox/api${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
