import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { callbackFaults, callFaults } from '../../server/sandbox/faults.ts';
import { tellOfFaults } from '../support/fault-story.ts';
import { expectEachAnsweredOnce } from '../support/fault-verdict.ts';

it('10,000 messages to two processes, with every fault of the platform: each has one effect and one answer', async () => {
  const seed = randomInt(2 ** 32);
  const report = await tellOfFaults({ messages: 10_000, people: 400, together: 200, seed });
  expectEachAnsweredOnce(report, seed);
  // So many that none of them was left out.
  for (const fault of callbackFaults) expect(report.struckCallbacks[fault], fault).toBeGreaterThan(0);
  for (const fault of callFaults) expect(report.struckCalls[fault], fault).toBeGreaterThan(0);
});
