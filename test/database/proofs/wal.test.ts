import { expect, test } from 'vitest';
import { cutWriteAheadLog } from './wal-cuts.ts';

test('a write-ahead log that is cut anywhere leaves a prefix of what was written', async () => {
  expect(await cutWriteAheadLog(6)).toHaveLength(6);
});
