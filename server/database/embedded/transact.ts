import { Long } from 'bson';
import { isNumeric, toNumber } from './bson.ts';
import type { Command, CommandContext, Engine } from './commands/context.ts';
import type { Document } from './document.ts';
import { commandError } from './errors.ts';
import { noSuchTransaction, type Session } from './session.ts';
import { beginTransaction, type Transaction } from './txn.ts';
import { encodeReply, type Reply } from './wire.ts';

/** How a command is run: alone, as a retryable write whose reply is kept, or as a part of a transaction. Gives the encoded reply. */
export function runInSession(context: CommandContext, name: string, command: Command, body: Document): Buffer {
  const { session } = context;
  if (body.txnNumber === undefined) {
    if (body.autocommit !== undefined) throw commandError(72, "'autocommit' field requires a transaction number");
    return encodeReply(command.run(context, body));
  }
  if (!session) throw commandError(72, 'Transaction number requires a session ID to also be specified');
  const number = numberOf(body.txnNumber);
  if (number < session.number) {
    throw commandError(
      225,
      `Cannot start transaction ${number} on session because a newer transaction ${session.number} has already started.`,
    );
  }
  if (body.autocommit !== false) return runRetryable(context, session, number, command, body);
  return encodeReply(runInTransaction(context, session, number, name, command, body));
}

/** True for a retried write or commit that is answered from the stored reply. */
export function isAnswered(session: Session | undefined, body: Document): boolean {
  if (!session?.reply || body.txnNumber === undefined) return false;
  return numberOf(body.txnNumber) === session.number && session.isCommit === (body.autocommit === false);
}

/** An error of a command ends its transaction, as in MongoDB; not one that a fail point made. */
export function abortAfterError(session: Session | undefined, name: string, body: Document): void {
  if (body.autocommit === false && name !== 'commitTransaction') session?.transaction?.abort();
}

function runRetryable(context: CommandContext, session: Session, number: bigint, command: Command, body: Document): Buffer {
  if (session.reply && isAnswered(session, body)) return session.reply;
  session.transaction?.abort();
  const reply = encodeReply(command.run(context, body));
  context.engine.sessions.remember(session, number, reply, false, Date.now());
  return reply;
}

function runInTransaction(
  context: CommandContext,
  session: Session,
  number: bigint,
  name: string,
  command: Command,
  body: Document,
): Reply {
  const transaction = body.startTransaction === true ? begin(context.engine, session, number) : session.transaction;
  if (name === 'commitTransaction') return commit(context.engine, session, transaction, number);
  if (!transaction || transaction.number !== number) throw noSuchTransaction(number);
  if (name === 'abortTransaction') return abort(transaction);
  if (transaction.state === 'committed') {
    throw commandError(256, `Transaction with { txnNumber: ${number} } has been committed.`);
  }
  if (transaction.state === 'aborted') throw noSuchTransaction(number, ' The transaction has been aborted.');
  if (!command.inTransaction) throw commandError(263, `Cannot run '${name}' in a multi-document transaction.`);
  if (body.writeConcern !== undefined) throw commandError(72, 'writeConcern is not allowed within a multi-statement transaction');
  return command.run({ ...context, transaction, view: transaction.view, writer: transaction }, body);
}

function begin({ store, snapshots }: Engine, session: Session, number: bigint): Transaction {
  if (number === session.number) {
    throw commandError(251, `Cannot start a transaction at given transaction number ${number}: the number was used before.`);
  }
  session.transaction?.abort();
  const transaction = beginTransaction(store, snapshots, number, Date.now());
  Object.assign(session, { number, transaction, reply: undefined, isCommit: false });
  return transaction;
}

function commit({ sessions }: Engine, session: Session, transaction: Transaction | undefined, number: bigint): Reply {
  const reply = { ok: 1 };
  if (session.isCommit && session.number === number && session.reply) return reply;
  if (!transaction || transaction.number !== number || transaction.state !== 'open') throw noSuchTransaction(number);
  try {
    transaction.commit();
  } catch (error) {
    transaction.abort();
    throw error;
  }
  sessions.remember(session, number, encodeReply(reply), true, Date.now());
  return reply;
}

function abort(transaction: Transaction): Reply {
  if (transaction.state === 'committed') {
    throw commandError(256, `Transaction with { txnNumber: ${transaction.number} } has been committed.`);
  }
  if (transaction.state === 'aborted') throw noSuchTransaction(transaction.number);
  transaction.abort();
  return { ok: 1 };
}

function numberOf(value: unknown): bigint {
  if (Long.isLong(value)) return value.toBigInt();
  if (isNumeric(value)) return BigInt(Math.trunc(toNumber(value)));
  throw commandError(14, "BSON field 'txnNumber' is the wrong type, expected type 'long'");
}
