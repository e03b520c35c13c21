import type { Document } from './document.ts';
import { type CommandError, commandError } from './errors.ts';
import { bytesOf } from './sql.ts';
import type { Store } from './store.ts';
import type { Transaction } from './txn.ts';

/** A client's session: the last number that it used and what became of it. */
export type Session = {
  id: Buffer;
  /** The highest transaction number seen; -1 before the first. */
  number: bigint;
  /** The reply to the retryable write, or to the commit, of that number: a retry gets it again, also after a restart. */
  reply: Buffer | undefined;
  isCommit: boolean;
  transaction: Transaction | undefined;
  /** Epoch milliseconds. */
  usedAt: number;
};

export type Sessions = {
  /** The session of a command, made at its first use; undefined for a command without one. */
  of(body: Document, now: number): Session | undefined;
  /** Stores the reply in the batch that holds the write itself. */
  remember(session: Session, number: bigint, reply: Buffer, isCommit: boolean, now: number): void;
  end(id: Buffer): void;
  all(): Iterable<Session>;
  /** Aborts transactions over their lifetime, and forgets sessions unused for 30 minutes. Must run inside a batch. */
  expire(now: number): void;
};

/** As MongoDB's transactionLifetimeLimitSeconds and logicalSessionTimeoutMinutes. */
export const TRANSACTION_LIFETIME_MS = 60_000;
export const SESSION_TIMEOUT_MINUTES = 30;

export function loadSessions(store: Store): Sessions {
  const { sql, journal } = store;
  sql.script(
    'CREATE TABLE IF NOT EXISTS sessions(id BLOB PRIMARY KEY, number TEXT NOT NULL, is_commit INTEGER NOT NULL, ' +
      'used_at INTEGER NOT NULL, reply BLOB NOT NULL) WITHOUT ROWID',
  );
  const sessions = new Map<string, Session>();
  for (const [id, number, isCommit, usedAt, reply] of sql.prepare('SELECT * FROM sessions').all()) {
    const session = newSession(bytesOf(id), Number(usedAt));
    Object.assign(session, { number: BigInt(String(number)), reply: bytesOf(reply), isCommit: isCommit === 1 });
    sessions.set(session.id.toString('hex'), session);
  }
  const forget = (session: Session) => {
    session.transaction?.abort();
    sessions.delete(session.id.toString('hex'));
    sql.prepare('DELETE FROM sessions WHERE id=?').run(session.id);
  };
  return {
    of(body, now) {
      const id = idOfSession(body.lsid);
      if (!id) return undefined;
      const key = id.toString('hex');
      let session = sessions.get(key);
      if (!session) {
        session = newSession(id, now);
        sessions.set(key, session);
      }
      session.usedAt = now;
      return session;
    },
    remember(session, number, reply, isCommit, now) {
      sql
        .prepare(
          'INSERT INTO sessions VALUES(?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET number=excluded.number, ' +
            'is_commit=excluded.is_commit, used_at=excluded.used_at, reply=excluded.reply',
        )
        .run(session.id, String(number), isCommit ? 1 : 0, now, reply);
      const before = { number: session.number, reply: session.reply, isCommit: session.isCommit };
      journal.record(() => Object.assign(session, before));
      Object.assign(session, { number, reply, isCommit });
    },
    end(id) {
      const session = sessions.get(id.toString('hex'));
      if (session) forget(session);
    },
    all: () => sessions.values(),
    expire(now) {
      for (const session of sessions.values()) {
        const { transaction } = session;
        if (transaction?.state === 'open' && now - transaction.startedAt > TRANSACTION_LIFETIME_MS) transaction.abort();
        if (now - session.usedAt > SESSION_TIMEOUT_MINUTES * 60_000) forget(session);
      }
    },
  };
}

/** The id inside `lsid` or an element of endSessions; undefined where there is none. */
export function idOfSession(lsid: unknown): Buffer | undefined {
  const id = (lsid as { id?: { buffer?: unknown; position?: number } } | undefined)?.id;
  return id?.buffer instanceof Uint8Array ? Buffer.from(id.buffer.subarray(0, id.position ?? id.buffer.length)) : undefined;
}

/** 251: the transaction is not (or no longer) there; the driver runs it again from the start. */
export function noSuchTransaction(number: bigint, detail = ''): CommandError {
  const error = commandError(251, `Given transaction number ${number} does not match any in-progress transactions.${detail}`);
  error.labels.push('TransientTransactionError');
  return error;
}

function newSession(id: Buffer, usedAt: number): Session {
  return { id, number: -1n, reply: undefined, isCommit: false, transaction: undefined, usedAt };
}
