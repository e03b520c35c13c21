import { encode } from './bson.ts';
import type { Claimant } from './claims.ts';
import type { Engine } from './commands/context.ts';
import { execute } from './execute.ts';
import type { Failure } from './failpoint.ts';
import { errorReply } from './faults.ts';
import { frameReply, type Request } from './wire.ts';

/** The client's side of a command: where its reply goes. While a command of it waits, later ones wait behind. */
export type Peer = {
  id: number;
  send(message: Buffer): void;
  close(): void;
  stalled: Job | undefined;
  held: Job[];
};

/** A command in the queue. */
export type Job = { request: Request; peer: Peer; deadlineAt: number; failure?: Failure };

export type Queue = {
  push(job: Job): void;
  /** Runs work of the engine itself inside a batch. */
  pushTask(task: () => void): void;
  /** Runs what waits, then takes nothing more. */
  stop(): void;
};

/** How long a batch may go on taking commands, so that the first of them does not wait for all. */
const BATCH_MS = 25;

type Answer = { job: Job; bytes: Buffer | undefined };

/**
 * Group commit: all commands that wait run inside one SQLite transaction, and no reply leaves before it is on disk. So the fsync,
 * which is nearly all of a small write's cost, is shared by all of them.
 */
export function createQueue(engine: Engine): Queue {
  let waiting: Array<Job | (() => void)> = [];
  let isScheduled = false;
  let isStopped = false;
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    // After all sockets that have something to read have been read.
    setImmediate(() => {
      isScheduled = false;
      runBatch();
    });
  };
  const enter = (...jobs: Array<Job | (() => void)>) => {
    if (isStopped) return;
    waiting.push(...jobs);
    schedule();
  };
  const stall = (job: Job, by: Claimant) => {
    job.peer.stalled = job;
    let timer: NodeJS.Timeout | undefined;
    const wake = () => {
      if (job.peer.stalled !== job) return;
      job.peer.stalled = undefined;
      clearTimeout(timer);
      enter(job, ...job.peer.held.splice(0));
    };
    by.onEnd(wake);
    if (job.deadlineAt !== Infinity) timer = setTimeout(wake, Math.max(0, job.deadlineAt - Date.now()) + 1).unref();
  };
  const run = (job: Job): Answer | undefined => {
    const { request, peer } = job;
    if (peer.stalled) {
      peer.held.push(job);
      return undefined;
    }
    const outcome = execute(engine, request, peer.id, job.deadlineAt, job.failure);
    switch (outcome.kind) {
      case 'reply':
        return { job, bytes: outcome.bytes };
      case 'wait':
        stall(job, outcome.by);
        return undefined;
      case 'delay':
        setTimeout(() => enter({ ...job, failure: outcome.failure }), outcome.ms).unref();
        return undefined;
      case 'close':
        return { job, bytes: undefined };
    }
  };
  const runBatch = () => {
    if (!waiting.length) return;
    const batch = waiting;
    waiting = [];
    const answers: Answer[] = [];
    const end = Date.now() + BATCH_MS;
    engine.store.begin();
    let taken = 0;
    while (taken < batch.length && (taken === 0 || (Date.now() < end && engine.store.isBatchOpen()))) {
      const next = batch[taken++];
      if (typeof next === 'function') runTask(engine, next);
      else if (next) {
        const answer = run(next);
        if (answer) answers.push(answer);
      }
    }
    if (taken < batch.length) {
      waiting = [...batch.slice(taken), ...waiting];
      schedule();
    }
    finish(engine, answers);
  };
  return {
    push: enter,
    pushTask: enter,
    stop() {
      while (waiting.length) runBatch();
      isStopped = true;
    },
  };
}

/** Upkeep that fails is logged, leaves nothing half done and comes again. */
function runTask(engine: Engine, task: () => void): void {
  const savepoint = engine.store.savepoint();
  try {
    task();
    savepoint.release();
  } catch (error) {
    engine.log.error({ error }, 'upkeep.failed');
    savepoint.rollback();
  }
}

function finish(engine: Engine, answers: Answer[]): void {
  let failure: unknown;
  try {
    if (engine.store.commit()) engine.commits++;
  } catch (error) {
    engine.log.error({ error, commands: answers.length }, 'batch.failed');
    failure = error;
  }
  for (const { job, bytes } of answers) {
    const { request, peer } = job;
    if (!bytes) peer.close();
    else if (failure) peer.send(frameReply(request, encode(errorReply(failure, request.name, request.body))));
    else if (request.wantsReply) peer.send(frameReply(request, bytes));
  }
}
