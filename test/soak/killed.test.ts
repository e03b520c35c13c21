import { it } from 'vitest';
import { tellOfKills } from '../support/kill-story.ts';
import { expectNothingLost } from '../support/kill-verdict.ts';

it('50 kills in the middle of work lose nothing that was acknowledged and do nothing twice', async () => {
  expectNothingLost(await tellOfKills(50));
});
