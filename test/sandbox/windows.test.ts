import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Speech } from '../../server/sandbox/contract.ts';
import { openMessages } from './messages-world.ts';

/** What a follower does, what the account does, or time that goes by, ms. */
type Step = Speech | 'send' | number;

const steps = fc.array(
  fc.oneof(
    fc.constantFrom<Step>('send', 'send', 'send', { kind: 'text', text: '在吗' }, { kind: 'menu', key: 'NEARBY' }),
    fc.constantFrom<Step>(1_000, 59_999, 60_000, 47 * 3_600_000, 48 * 3_600_000),
  ),
  { minLength: 5, maxLength: 25 },
);

test('in any order of steps an account may send what the larger allowance and the later end allow', async () => {
  const { sandbox, account, call, clock } = await openMessages();
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { openid } = await sandbox.createFollower(account, { name: '顾客' });
      await sandbox.follow(openid);
      let left = 3;
      let endsAt = clock.now() + 60_000;
      const message = { touser: openid, msgtype: 'text', text: { content: '你好' } };
      for (const step of taken) {
        if (typeof step === 'number') await clock.advance(step);
        else if (step === 'send') {
          const expected = clock.now() >= endsAt ? 45015 : left === 0 ? 45047 : 0;
          expect((await call('cgi-bin/message/custom/send', message)).errcode).toBe(expected);
          if (expected === 0) left--;
        } else {
          if (clock.now() >= endsAt) left = 0;
          await sandbox.say(openid, step);
          left = Math.max(left, step.kind === 'text' ? 5 : 3);
          endsAt = Math.max(endsAt, clock.now() + (step.kind === 'text' ? 48 * 3_600_000 : 60_000));
        }
      }
    }),
    { numRuns: 15 },
  );
});
