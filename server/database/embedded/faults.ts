import type { Document } from './document.ts';
import { CommandError, commandError } from './errors.ts';
import type { Reply } from './wire.ts';

/** Codes after which a retryable write may be sent again (drivers' retryable writes specification). */
const RETRYABLE = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Codes after which a whole transaction may be run again. */
const TRANSIENT = new Set([24, 112, 246, 251, 267]);

/** The error reply to a command. What is not a CommandError is a fault of ours: 8, and the caller logs it. */
export function errorReply(error: unknown, name: string, body: Document): Reply {
  const known = error instanceof CommandError ? error : diskFault(error);
  const message = error instanceof Error ? error.message : String(error);
  const code = known?.code ?? 8;
  const labels = new Set([...(known?.labels ?? []), ...labelsOf(code, name, body)]);
  return {
    ok: 0,
    errmsg: message,
    code,
    codeName: known?.codeName ?? 'UnknownError',
    ...known?.details,
    ...(labels.size && { errorLabels: [...labels] }),
  };
}

/** SQLite's SQLITE_FULL (13) in MongoDB's words; other faults of SQLite stay what they are. */
function diskFault(error: unknown): CommandError | undefined {
  const isFull = error instanceof Error && 'errcode' in error && error.errcode === 13;
  return isFull ? commandError(14031, 'The disk is full: the write was not stored.') : undefined;
}

/** The labels that MongoDB itself, not the driver, puts on an error of this code. */
export function labelsOf(code: number, name: string, body: Document): string[] {
  const isEnd = name === 'commitTransaction' || name === 'abortTransaction';
  if (body.autocommit === false && !isEnd) return TRANSIENT.has(code) || RETRYABLE.has(code) ? ['TransientTransactionError'] : [];
  if (name === 'commitTransaction' && TRANSIENT.has(code)) return ['TransientTransactionError'];
  return RETRYABLE.has(code) && body.txnNumber !== undefined ? ['RetryableWriteError'] : [];
}
