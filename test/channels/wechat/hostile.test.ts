import { randomFillSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProxies } from '../../../server/api/address.ts';
import { createEdge, type Edge } from '../../../server/api/edge.ts';
import { createWechatCallback } from '../../../server/channels/wechat/index.ts';
import { systemClock } from '../../../server/kernel/clock.ts';
import { createIds } from '../../../server/kernel/ids.ts';
import { createLog } from '../../../server/kernel/log.ts';
import { aloneAt, answerAlone } from '../../support/callbacks.ts';
import { wildRequest } from './hostile.ts';
import { createWildClient } from './hostile-client.ts';
import { accountIn } from './platform.ts';

describe.each(['plain', 'compatible', 'safe'] as const)('callbacks in %s mode, out of the wild', (mode) => {
  const account = accountIn(mode);
  const lines: string[] = [];
  let edge: Edge;
  let client: ReturnType<typeof createWildClient>;

  beforeAll(async () => {
    const callback = createWechatCallback(account, {
      once: async () => ({ kind: 'text', text: '你好' }),
      clock: systemClock,
      random: randomFillSync,
      maxAgeMs: 300_000,
    });
    const log = createLog('warn', { write: (line) => void lines.push(line) });
    edge = createEdge({
      clock: systemClock,
      timeRequests: (_, next) => next(),
      ids: createIds(systemClock),
      log,
      proxies: readProxies('127.0.0.1'),
      middlewares: [answerAlone(callback, systemClock)],
    });
    client = createWildClient(`${await edge.listen(0, '127.0.0.1')}${aloneAt}`, account);
  });

  afterAll(async () => {
    client.close();
    await edge.close();
  });

  it('are answered or refused, never a 5xx, and the log keeps no secret', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wildRequest, { minLength: 10, maxLength: 10 }), (requests) =>
        client.attack(requests, systemClock.now),
      ),
      { numRuns: 67 },
    );
    expect(lines.filter((line) => /"level":"error"/.test(line))).toEqual([]);
    expect(lines.join('')).not.toContain(account.token);
    expect(lines.join('')).not.toContain('附近');
  });
});
