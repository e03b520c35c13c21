import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../server/database/index.ts';
import { createLog } from '../../server/kernel/log.ts';
import { accountIn, messageXml, send, unseal } from '../channels/wechat/platform.ts';
import { ownDatabaseUri, sealingKey } from '../support/app.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const account = accountIn('safe', { appId: 'wx0123456789abcdef' });
const uri = ownDatabaseUri();
const servers: ServerProcess[] = [];

beforeAll(async () => {
  const environment = {
    MONGODB_URI: uri,
    SECRETS_KEY: sealingKey,
    WECHAT_APP_ID: account.appId,
    WECHAT_ORIGINAL_ID: account.originalId,
    WECHAT_TOKEN: account.token,
    WECHAT_ENCODING_AES_KEY: account.encodingAesKey ?? '',
  };
  // At the same moment, so that they also race for the merchant, the account and the indexes.
  servers.push(...(await Promise.all([startServerProcess(environment), startServerProcess(environment)])));
});
afterAll(() => Promise.all(servers.map((server) => server.kill())));

async function deliver(server: ServerProcess, xml: string): Promise<string> {
  const { query, body } = send(account, xml, Date.now());
  const parameters = new URLSearchParams(query as Record<string, string>);
  const response = await fetch(`${server.callbackUrl}?${parameters}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/xml' },
    body: new Uint8Array(body),
  });
  expect(response.status).toBe(200);
  return /<Content>(.*)<\/Content>/s.exec(unseal(await response.text(), account))?.[1] ?? '';
}

it('R30: two processes on one database make one follower of a stranger and give a message one answer', async () => {
  const now = Math.floor(Date.now() / 1000);
  const common = { ToUserName: account.originalId, CreateTime: now };
  const strangers = Array.from({ length: 20 }, (_, index) => `stranger-${index}`);
  for (const openid of strangers) {
    const follow = messageXml({ ...common, FromUserName: openid, MsgType: 'event', Event: 'subscribe', EventKey: '' });
    const hello = messageXml({ ...common, FromUserName: openid, Content: '你好', MsgId: 1 });
    const answers = await Promise.all(
      [follow, hello, follow, hello].map((xml, index) => deliver(servers[index % 2] as ServerProcess, xml)),
    );
    expect(answers[0]).toBe(answers[2]);
    expect(answers[1]).toBe(answers[3]);
  }

  const database = await openDatabase({ uri, dataDir: '', name: new URL(uri).pathname.slice(1), log: createLog('silent') });
  const count = (name: string) => database.connection.collection(name).find({}).toArray();
  expect((await count('followers')).map(({ openid }) => openid).sort()).toEqual([...strangers].sort());
  for (const [name, rows] of Object.entries({ members: 20, happened: 20, inbox: 40, merchants: 1, accounts: 1 })) {
    expect(await count(name), name).toHaveLength(rows);
  }
  await database.close();
});
