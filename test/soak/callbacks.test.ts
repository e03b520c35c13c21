import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../server/kernel/clock.ts';
import { createLog } from '../../server/kernel/log.ts';
import { wildRequest } from '../channels/wechat/hostile.ts';
import { createWildClient } from '../channels/wechat/hostile-client.ts';
import { type AppStory, startApp } from '../support/app.ts';

const together = 50;
/** In the three modes together: 100,000. */
const rounds = Math.ceil(100_000 / 3 / together);

describe.each(['plain', 'compatible', 'safe'])('callbacks to the whole server in %s mode, out of the wild', (mode) => {
  const lines: string[] = [];
  let story: AppStory;
  let client: ReturnType<typeof createWildClient>;

  beforeAll(async () => {
    const log = createLog('warn', { write: (line) => void lines.push(line) });
    story = await startApp({ environment: { WECHAT_MODE: mode }, log });
    client = createWildClient(story.callbackUrl, story.account);
  });

  afterAll(async () => {
    client.close();
    await story.close();
  });

  it('are answered or refused, never a 5xx, and a follower is answered after them as before', async () => {
    const attack = fc.array(wildRequest, { minLength: together, maxLength: together });
    await fc.assert(
      fc.asyncProperty(attack, (requests) => client.attack(requests, systemClock.now)),
      { numRuns: rounds },
    );

    const xiaoman = await story.follower('林小满');
    expect(await xiaoman.follows()).toContain(story.config['merchant.name']);
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    for (const secret of [story.account.token, story.account.encodingAesKey]) expect(lines.join('')).not.toContain(secret);
  });
});
