import { randomFillSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { readProxies } from '../../server/api/address.ts';
import { createEdge } from '../../server/api/edge.ts';
import { createWechatCallback } from '../../server/channels/wechat/index.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { answerAlone } from '../support/callbacks.ts';
import { accountOf } from './messages.ts';

/** What the whole server is compared with. Run as `node webhook-server.ts <name> <mode>`; its first line of output is where it listens. */
const servers: Record<string, (mode: 'plain' | 'safe') => Promise<string>> = {
  'bare node:http': () => listen((request, response) => void request.resume().on('end', () => response.end('success'))),

  'bare Koa': () => {
    const koa = new Koa();
    koa.use((ctx) => {
      ctx.body = 'success';
    });
    return listen(koa.callback());
  },

  'co-wechat': (mode) => {
    const { appId: appid, token, encodingAesKey: encodingAESKey } = accountOf(mode);
    const wechat = createRequire(import.meta.url)('co-wechat');
    const koa = new Koa();
    koa.use(wechat({ appid, token, encodingAESKey }).middleware(async ({ Content }: { Content: string }) => Content));
    return listen(koa.callback());
  },

  'channel path': (mode) => {
    const callback = createWechatCallback(accountOf(mode), {
      once: async ({ content }) => ({ kind: 'text', text: content.kind === 'text' ? content.text : '' }),
      clock: systemClock,
      random: randomFillSync,
      maxAgeMs: 300_000,
    });
    return createEdge({
      clock: systemClock,
      timeRequests: (_, next) => next(),
      ids: createIds(systemClock),
      log: createLog('info'),
      proxies: readProxies('127.0.0.0/8,::1'),
      middlewares: [answerAlone(callback, systemClock)],
    }).listen(0, '127.0.0.1');
  },
};

const [name = '', mode = ''] = process.argv.slice(2);
const start = servers[name];
if (!start || (mode !== 'plain' && mode !== 'safe')) throw new Error(`no such server: ${name} in ${mode} mode`);
process.stdout.write(`${await start(mode)}\n`);
process.on('SIGTERM', () => process.exit(0));

function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handle);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
