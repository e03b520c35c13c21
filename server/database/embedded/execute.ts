import { isNumeric, toNumber } from './bson.ts';
import { Blocked, type Claimant } from './claims.ts';
import { type Command, type CommandContext, type Engine, refuseCollation } from './commands/context.ts';
import { commands } from './commands/index.ts';
import type { Document } from './document.ts';
import { isDocument } from './document.ts';
import { CommandError, commandError, unsupported } from './errors.ts';
import type { Failure } from './failpoint.ts';
import { errorReply, labelsOf } from './faults.ts';
import { checkDeadline, type View } from './read.ts';
import type { Session } from './session.ts';
import type { Savepoint, Store } from './store.ts';
import { abortAfterError, isAnswered, runInSession } from './transact.ts';
import { appendClusterTime, appendFields, encodeReply, type Request } from './wire.ts';

/** What became of a command: a reply to send once the batch is on disk, a wait for a transaction, or a fault that was asked for. */
export type Outcome =
  | { kind: 'reply'; bytes: Buffer }
  | { kind: 'wait'; by: Claimant }
  | { kind: 'delay'; failure: Failure; ms: number }
  | { kind: 'close' };

/** Runs one command inside the open batch. A failing one leaves nothing behind; only faults of our own are logged. */
export function execute(engine: Engine, request: Request, connectionId: number, deadlineAt: number, delayed?: Failure): Outcome {
  const { name, body } = request;
  const session = engine.sessions.of(body, Date.now());
  const failure = delayed ?? engine.failpoint.failureOf(name, body);
  if (failure?.blockMs && !delayed) return { kind: 'delay', failure, ms: failure.blockMs };
  if (failure?.closes === 'before') return { kind: 'close' };
  if (failure?.errorCode !== undefined) return reply(request, failedReply(failure, name, body));
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const savepoint = command && needsSavepoint(command, name, body) ? engine.store.savepoint() : undefined;
  try {
    const writeFailure = command?.writes && !isAnswered(session, body) ? engine.failpoint.failureOfWrite(body) : undefined;
    if (writeFailure?.closes === 'before') throw new Dropped();
    const bytes = runCommand(engine, request, command, { session, connectionId, deadlineAt });
    savepoint?.release();
    if (writeFailure) return { kind: 'close' };
    return reply(request, withConcern(bytes, name, body, failure));
  } catch (error) {
    return failed(engine, request, session, savepoint, error);
  }
}

class Dropped extends Error {}

type Origin = { session: Session | undefined; connectionId: number; deadlineAt: number };

function runCommand(engine: Engine, { name, body }: Request, command: Command | undefined, origin: Origin): Buffer {
  if (!command) throw commandError(59, `no such command: '${name}'`);
  const database = body.$db;
  if (typeof database !== 'string') throw commandError(40414, "BSON field 'OpMsg.$db' is missing but a required field");
  checkOptions(body);
  const deadline = { at: origin.deadlineAt };
  checkDeadline(deadline);
  const context: CommandContext = {
    engine,
    database,
    view: liveView(engine.store),
    writer: engine.store,
    session: origin.session,
    transaction: undefined,
    deadline,
    connectionId: origin.connectionId,
  };
  return runInSession(context, name, command, body);
}

/** The file as the running batch sees it. */
export function liveView(store: Store): View {
  return { sql: store.sql, version: Infinity, overlay: () => undefined };
}

function checkOptions(body: Document): void {
  refuseCollation(body);
  const { readConcern, writeConcern } = body;
  if (isDocument(readConcern) && readConcern.level === 'snapshot' && body.autocommit !== false) {
    throw unsupported('A snapshot read outside of a transaction');
  }
  if (!isDocument(writeConcern)) return;
  const { w } = writeConcern;
  if (isNumeric(w) && !(toNumber(w) >= 0 && toNumber(w) <= 50)) {
    throw commandError(9, 'w has to be a non-negative number and not greater than 50');
  }
  if (typeof w === 'string' && w !== 'majority')
    throw commandError(79, `No write concern mode named '${w}' found in replica set configuration`);
}

// The writes of a transaction stay in memory until its commit.
function needsSavepoint(command: Command, name: string, body: Document): boolean {
  if (body.autocommit === false && name !== 'commitTransaction') return false;
  return typeof command.writes === 'function' ? command.writes(body) : command.writes === true;
}

function failed(
  engine: Engine,
  request: Request,
  session: Session | undefined,
  savepoint: Savepoint | undefined,
  error: unknown,
): Outcome {
  const { name, body } = request;
  savepoint?.rollback();
  if (error instanceof Blocked) return { kind: 'wait', by: error.by };
  if (error instanceof Dropped) return { kind: 'close' };
  if (!(error instanceof CommandError)) engine.log.error({ command: name, error }, 'command.failed');
  abortAfterError(session, name, body);
  return reply(request, encodeReply(errorReply(error, name, body)));
}

function failedReply({ errorCode = 8, errorLabels }: Failure, name: string, body: Document): Buffer {
  const error = commandError(errorCode, "Failing command via 'failCommand' failpoint");
  const { errorLabels: _own, ...rest } = errorReply(error, name, body);
  const labels = errorLabels ?? labelsOf(errorCode, name, body);
  return encodeReply({ ...rest, ...(labels.length && { errorLabels: labels }) });
}

/** One node can acknowledge one write: more is not to be had, which MongoDB says beside the result. */
function withConcern(bytes: Buffer, name: string, body: Document, failure: Failure | undefined): Buffer {
  const { writeConcern } = body;
  let out = bytes;
  if (isDocument(writeConcern) && isNumeric(writeConcern.w) && toNumber(writeConcern.w) > 1) {
    const writeConcernError = { code: 100, codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' };
    out = appendFields(out, { writeConcernError });
  }
  if (!failure?.writeConcernError) return out;
  const code = failure.writeConcernError.code;
  const labels = failure.errorLabels ?? (isNumeric(code) ? concernLabels(toNumber(code), name, body) : []);
  return appendFields(out, { writeConcernError: failure.writeConcernError, ...(labels.length && { errorLabels: labels }) });
}

function concernLabels(code: number, name: string, body: Document): string[] {
  const canRetry = body.autocommit === undefined || name === 'commitTransaction' || name === 'abortTransaction';
  return canRetry ? labelsOf(code, name, body) : [];
}

let increment = 1;
function reply({ name }: Request, bytes: Buffer): Outcome {
  if (name === 'hello' || name === 'ismaster' || name === 'isMaster') return { kind: 'reply', bytes };
  increment = (increment + 1) >>> 0;
  return { kind: 'reply', bytes: appendClusterTime(bytes, Math.floor(Date.now() / 1_000), increment) };
}
