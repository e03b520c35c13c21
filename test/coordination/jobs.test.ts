import { expect, it } from 'vitest';
import { createJobs, type Jobs } from '../../server/coordination/jobs.ts';
import { createLog } from '../../server/kernel/log.ts';
import { openTestDatabase } from '../support/database.ts';

const soon = { timeout: 30_000, interval: 50 };

it('a job recurs in one process at a time, also when its work fails', async () => {
  const database = await openTestDatabase();
  const lines: string[] = [];
  const log = createLog('error', { write: (line: string) => void lines.push(line) });
  let atOnce = 0;
  let mostAtOnce = 0;
  let runs = 0;
  async function sweep() {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    runs++;
    await new Promise((resolve) => setImmediate(resolve));
    atOnce--;
    if (runs === 1) throw new Error('the first sweep fails');
  }

  const processes: Jobs[] = [createJobs({ database, log }), createJobs({ database, log })];
  for (const jobs of processes) {
    jobs.every('sweep', 100, sweep);
    await jobs.start();
  }
  await expect.poll(() => runs, soon).toBeGreaterThanOrEqual(3);
  for (const jobs of processes) await jobs.close();

  expect(mostAtOnce).toBe(1);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'job.failed', job: 'sweep', error: { message: 'the first sweep fails' } },
  ]);
  expect(await database.connection.collection('jobs').find({ name: 'sweep' }).toArray()).toHaveLength(1);
});

it('closing waits for the work that runs', async () => {
  const database = await openTestDatabase();
  const jobs = createJobs({ database, log: createLog('silent') });
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let isDone = false;
  jobs.every('slow', 1_000, async () => {
    begun.resolve();
    await gate.promise;
    isDone = true;
  });
  await jobs.start();
  await begun.promise;
  const closed = jobs.close();
  gate.resolve();
  await closed;
  expect(isDone).toBe(true);
});
