import { expect, test } from 'vitest';
import { cutWriteAheadLog } from '../../database/proofs/wal-cuts.ts';

test('a write-ahead log that is cut in 60 places leaves a prefix of what was written each time', async () => {
  const kept = await cutWriteAheadLog(60);
  console.log(`writes kept: ${kept.join(' ')}`);
  // Else the cuts fell where nothing was.
  expect(new Set(kept).size).toBeGreaterThan(10);
});
