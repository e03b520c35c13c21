import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import type { Database } from '../database/index.ts';
import type { Log } from '../kernel/log.ts';

/** Work that recurs, done by one process at a time. A job only triggers a sweep over what is due; it decides nothing itself. */
export interface Jobs {
  /** Runs `work` every `interval` ms in whichever process is free. A run that fails is logged and comes again at its next turn. */
  every(name: string, interval: number, work: () => Promise<void>): void;
  /** Starts the schedules. */
  start(): Promise<void>;
  /** Lets what runs finish, then stops. */
  close(): Promise<void>;
}

/** A process that was killed holds its jobs for this long at most. */
const lockLifetime = 60_000;
const lookEvery = 1_000;

/** Jobs on agenda, in this database's collection `jobs`. */
export function createJobs({ database, log }: { database: Database; log: Log }): Jobs {
  const { db } = database.connection;
  if (!db) throw new Error('jobs need an open database');
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: db, collection: 'jobs' }),
    processEvery: lookEvery,
    defaultLockLifetime: lockLifetime,
  });
  agenda.on('error', (error) => log.error({ error }, 'jobs.failed'));
  agenda.on('fail', (error, job) => log.error({ job: job?.attrs?.name, error }, 'job.failed'));
  const schedules: { name: string; interval: number }[] = [];

  return {
    every(name, interval, work) {
      agenda.define(name, work, { concurrency: 1, lockLifetime });
      schedules.push({ name, interval });
    },
    async start() {
      await agenda.start();
      for (const { name, interval } of schedules) await agenda.every(interval, name);
    },
    async close() {
      await agenda.drain();
    },
  };
}
