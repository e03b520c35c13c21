import { expect, test } from 'vitest';
import { killRounds } from './kill-rounds.ts';

test('no acknowledged write is lost when the database process is killed under load', async () => {
  expect(await killRounds(3)).toBeGreaterThan(0);
});
