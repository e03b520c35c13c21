import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { type Clock, systemClock } from '../../server/kernel/clock.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import type { AccountKind, Follower, Mode } from '../../server/sandbox/contract.ts';
import { openSandbox, type SandboxAccount } from '../../server/sandbox/index.ts';
import type { ManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { type Answer, listen, type Received } from './listener.ts';

/** A sandbox on this database; two on the same one are the same sandbox before and after a restart. */
export function open(database: Database, clock: Clock = systemClock) {
  return openSandbox({ database, clock, log: createLog('silent'), ids: createIds(clock), random: randomBytes });
}

interface WorldOptions {
  mode?: Mode;
  kind?: AccountKind;
  isVerified?: boolean;
  clock?: Clock;
  /** How the server answers; `success` unless told otherwise. */
  answer?: (received: Received, account: SandboxAccount) => Answer | Promise<Answer>;
}

/** A sandbox, a server that takes its callbacks, and a follower who does not follow yet. Everything ends with the test. */
export async function openWorld({
  mode = 'plain',
  kind = 'service',
  isVerified = true,
  clock = systemClock,
  answer = () => ({ body: 'success' }),
}: WorldOptions = {}) {
  const database = await openTestDatabase();
  const sandbox = await open(database, clock);
  const account = await sandbox.ensureAccount({ name: '半日麦', mode, kind, isVerified });
  const server = await listen(
    () => account,
    (received) => answer(received, account),
  );
  await sandbox.connect(account, server.url);
  const xiaoman: Follower = await sandbox.createFollower(account, { name: '小满' });
  onTestFinished(async () => {
    await sandbox.close();
    await server.close();
    await database.close();
  });
  return { database, sandbox, account, server, openid: xiaoman.openid };
}

/** The world of somebody who follows already; the follow is the server's first request. */
export async function openFollowedWorld(options: WorldOptions = {}) {
  const world = await openWorld({
    ...options,
    answer: (received, account) =>
      received.xml.includes('[subscribe]') ? { body: 'success' } : (options.answer?.(received, account) ?? { body: 'success' }),
  });
  await world.sandbox.follow(world.openid);
  return world;
}

/** The clock, of which a test can await that a timer has been set before it pushes time over it. */
export function watchTimers(clock: ManualClock) {
  const delays: number[] = [];
  const settings = new EventEmitter();
  return {
    ...clock,
    after(delay: number, run: () => void) {
      const stop = clock.after(delay, run);
      delays.push(delay);
      settings.emit('timer');
      return stop;
    },
    /** Resolves when that many timers of this delay have been set in all. */
    async hasSet(count: number, delay: number) {
      while (delays.filter((set) => set === delay).length < count) await once(settings, 'timer');
    },
  };
}
