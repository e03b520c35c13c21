import { afterAll, beforeAll, expect, it } from 'vitest';
import { accountIn, messageXml, send, unseal } from '../channels/wechat/platform.ts';
import { sealingKey } from '../support/app.ts';
import { type DatabaseProcess, startDatabaseProcess } from '../support/database-process.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const account = accountIn('safe', { appId: 'wx0123456789abcdef' });
let database: DatabaseProcess;
let server: ServerProcess;

beforeAll(async () => {
  database = await startDatabaseProcess();
  server = await startServerProcess({
    MONGODB_URI: database.uri,
    SECRETS_KEY: sealingKey,
    WECHAT_APP_ID: account.appId,
    WECHAT_ORIGINAL_ID: account.originalId,
    WECHAT_TOKEN: account.token,
    WECHAT_ENCODING_AES_KEY: account.encodingAesKey ?? '',
  });
});
afterAll(async () => {
  await server.kill();
  await database.remove();
});

function sendHelp(messageId: number): Promise<Response> {
  const common = { ToUserName: account.originalId, FromUserName: 'person', CreateTime: Math.floor(Date.now() / 1000) };
  const { query, body } = send(account, messageXml({ ...common, Content: '帮助', MsgId: messageId }), Date.now());
  const parameters = new URLSearchParams(query as Record<string, string>);
  return fetch(`${server.callbackUrl}?${parameters}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/xml' },
    body: new Uint8Array(body),
  });
}

it('R50: a message that cannot be stored is not acknowledged, so that the platform sends it again', async () => {
  expect(unseal(await (await sendHelp(1)).text(), account)).toContain('你可以');

  await database.kill();
  const refused = await sendHelp(2);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ code: 'server.unavailable' });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
});
