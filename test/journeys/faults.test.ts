import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { tellOfFaults } from '../support/fault-story.ts';
import { expectEachAnsweredOnce } from '../support/fault-verdict.ts';

it('R7: while everything goes wrong between us and the platform, each message has one effect and one answer', async () => {
  const seed = randomInt(2 ** 32);
  expectEachAnsweredOnce(await tellOfFaults({ messages: 300, people: 20, together: 60, seed }), seed);
  expect.hasAssertions();
}, 180_000);
