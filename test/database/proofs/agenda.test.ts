import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import mongoose from 'mongoose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DatabaseProcess, startDatabaseProcess } from '../../support/database-process.ts';
import { type Relay, startRelay } from './relay.ts';

const LOCK_LIFETIME = 1_500;
const LOOK_EVERY = 100;

type Run = { job: number; worker: string };

let database: DatabaseProcess;
let relay: Relay;
let client: mongoose.mongo.MongoClient;
let workers: Agenda[];

beforeEach(async () => {
  database = await startDatabaseProcess();
  relay = await startRelay(database);
  client = new mongoose.mongo.MongoClient(relay.uri, { connectTimeoutMS: 10_000 });
  workers = ['left', 'right'].map(
    (name) =>
      new Agenda({
        name,
        backend: new MongoBackend({ mongo: client.db('agenda'), collection: 'jobs' }),
        processEvery: LOOK_EVERY,
        defaultLockLifetime: LOCK_LIFETIME,
        defaultConcurrency: 5,
      }),
  );
  // A worker that cannot reach the database says so and looks again later.
  for (const worker of workers) worker.on('error', () => undefined);
});

afterEach(async () => {
  for (const worker of workers) await worker.stop();
  await client?.close();
  await relay?.close();
  await database?.remove();
});

test('60 jobs over two workers run once each', async () => {
  const runs: Run[] = [];
  const done = Promise.withResolvers<void>();
  defineOnAll('count', async (job, worker) => {
    runs.push({ job, worker });
    if (runs.length === 60) done.resolve();
  });
  await enqueue('count', 60);
  await startAll();
  await done.promise;
  await expectNothingLeft();
  expect(runs.map(({ job }) => job).sort((left, right) => left - right)).toEqual([...Array(60).keys()]);
  expect(new Set(runs.map(({ worker }) => worker))).toEqual(new Set(['left', 'right']));
});

test('a job that fails twice is tried again and succeeds', async () => {
  let tries = 0;
  const done = Promise.withResolvers<void>();
  const work = async () => {
    tries += 1;
    if (tries <= 2) throw new Error('not yet');
    done.resolve();
  };
  defineOnAll('unlucky', work, ({ attempt }) => (attempt <= 2 ? LOOK_EVERY : null));
  await enqueue('unlucky', 1);
  await startAll();
  await done.promise;
  expect(tries).toBe(3);
});

test('every job is done when the database is killed in the middle of them', async () => {
  const done = new Set<number>();
  const half = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  const work = async (job: number) => {
    const effects = client.db('agenda').collection<{ _id: number }>('effects');
    // A job whose lock ran out is run again, so what it does must bear that.
    await effects.updateOne({ _id: job }, { $inc: { runs: 1 } }, { upsert: true });
    done.add(job);
    if (done.size === 15) half.resolve();
    if (done.size === 30) all.resolve();
  };
  defineOnAll('survive', work, () => LOOK_EVERY);
  await enqueue('survive', 30);
  await startAll();
  await half.promise;
  await database.kill();
  await database.restart();
  await all.promise;
  const effects = await client.db('agenda').collection<{ _id: number }>('effects').find().toArray();
  expect(effects.map(({ _id }) => _id).sort((left, right) => left - right)).toEqual([...Array(30).keys()]);
});

function defineOnAll(
  name: string,
  work: (job: number, worker: string) => Promise<void>,
  backoff?: (context: { attempt: number }) => number | null,
): void {
  for (const worker of workers) {
    worker.define<{ job: number }>(
      name,
      ({ attrs }) => work(attrs.data.job, worker.attrs.name ?? ''),
      backoff ? { backoff } : {},
    );
  }
}

async function enqueue(name: string, jobs: number): Promise<void> {
  const [first] = workers;
  for (let job = 0; job < jobs; job += 1) await first?.now(name, { job });
}

async function startAll(): Promise<void> {
  for (const worker of workers) await worker.start();
}

/** A finished job has no next run and no lock. */
async function expectNothingLeft(): Promise<void> {
  const jobs = client.db('agenda').collection('jobs');
  await expect
    .poll(() => jobs.countDocuments({ $or: [{ nextRunAt: { $ne: null } }, { lockedAt: { $ne: null } }] }), { timeout: 30_000 })
    .toBe(0);
}
