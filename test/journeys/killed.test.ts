import { expect, it } from 'vitest';
import { tellOfKills } from '../support/kill-story.ts';
import { expectNothingLost } from '../support/kill-verdict.ts';

it('R30: the server is killed in the middle of its work, and everybody is answered once and known once', async () => {
  expectNothingLost(await tellOfKills(2));
  expect.hasAssertions();
});
