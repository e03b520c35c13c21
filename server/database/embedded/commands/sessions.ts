import { randomUUID } from 'node:crypto';
import { Binary } from 'bson';
import type { Document } from '../document.ts';
import { commandError } from '../errors.ts';
import { idOfSession, SESSION_TIMEOUT_MINUTES } from '../session.ts';
import type { Reply } from '../wire.ts';
import { arrayField, type CommandContext, type CommandTable } from './context.ts';

export const sessionCommands = {
  startSession: { run: startSession },
  refreshSessions: { run: refreshSessions },
  endSessions: { run: ({ engine }, body) => endEach(body, 'endSessions', (id) => engine.sessions.end(id)), writes: true },
  killSessions: { run: ({ engine }, body) => endEach(body, 'killSessions', (id) => engine.sessions.end(id)), writes: true },
  killAllSessions: { run: killAllSessions },
  // Inside a transaction these two never get here: transact() answers them.
  commitTransaction: { run: outsideTransaction, writes: true, inTransaction: true },
  abortTransaction: { run: outsideTransaction, inTransaction: true },
} satisfies CommandTable;

function startSession(): Reply {
  const id = new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID);
  return { id: { id }, timeoutMinutes: SESSION_TIMEOUT_MINUTES, ok: 1 };
}

function refreshSessions({ engine }: CommandContext, body: Document): Reply {
  for (const lsid of arrayField(body, 'refreshSessions') ?? []) engine.sessions.of({ lsid }, Date.now());
  return { ok: 1 };
}

function endEach(body: Document, name: string, end: (id: Buffer) => void): Reply {
  for (const lsid of arrayField(body, name) ?? []) {
    const id = idOfSession(lsid);
    if (id) end(id);
  }
  return { ok: 1 };
}

function killAllSessions({ engine }: CommandContext): Reply {
  for (const { transaction } of engine.sessions.all()) transaction?.abort();
  return { ok: 1 };
}

function outsideTransaction(_context: CommandContext, body: Document): Reply {
  const [name] = Object.keys(body);
  throw commandError(251, `${name} must be run within a transaction`);
}
