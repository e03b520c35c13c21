import { isDeepStrictEqual } from 'node:util';
import { type Clock, within } from '../../kernel/clock.ts';
import { asFault, Fault, fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import { createSingleFlight } from '../../kernel/single-flight.ts';
import type { Credentials, OpenedAccount } from './account.ts';
import type { AccountRow } from './account-records.ts';

/** Opened accounts by id, as every callback asks for one. */
export interface AccountCopies {
  open(id: Id<'account'>): Promise<OpenedAccount | undefined>;
  /** What this process has just written: from now on it counts here. */
  keep(row: AccountRow): void;
  /** The account is gone, or another process knows better: the next to ask reads it. */
  drop(id: Id<'account'>): void;
}

interface Copy {
  readonly row: AccountRow;
  readonly hasPrevious: boolean;
  readonly opened: OpenedAccount;
  readonly readAt: number;
}

/** Another process's change is seen when the copy is too old. */
const copyLifetime = 5_000;
/** The platform gives up after 5 s: what cannot be read before is asked for again. */
const longestRead = 4_000;
/** The platform may still send what it sealed before the change. */
const previousLifetime = 3_600_000;

/** Copies of accounts, each opened once as long as it stays the same. `open` turns a row, with what is left of its credentials, into an account. */
export function createAccountCopies({
  find,
  openRow,
  clock,
}: {
  find(id: Id<'account'>): Promise<AccountRow | undefined>;
  openRow(row: AccountRow, hasPrevious: boolean): OpenedAccount;
  clock: Clock;
}): AccountCopies {
  const copies = new Map<Id<'account'>, Copy>();
  const readOnce = createSingleFlight<OpenedAccount | undefined>();
  /** Counts what was dropped: a read that began before must not bring it back, nor answer who asks after. */
  let drops = 0;

  function keep(row: AccountRow): OpenedAccount {
    const before = copies.get(row._id);
    if (before && isNewer(before.row, row)) return before.opened;
    const readAt = clock.now();
    const hasPrevious = row.connectedAt === undefined || row.connectedAt + previousLifetime > readAt;
    const isSame = before && before.hasPrevious === hasPrevious && isDeepStrictEqual(before.row, row);
    const opened = isSame ? before.opened : openRow(row, hasPrevious);
    copies.set(row._id, { row, hasPrevious, opened, readAt });
    return opened;
  }

  async function read(id: Id<'account'>): Promise<OpenedAccount | undefined> {
    const dropsBefore = drops;
    const row = await find(id);
    if (row) return drops === dropsBefore ? keep(row) : openRow(row, true);
    copies.delete(id);
    return undefined;
  }

  return {
    async open(id) {
      const copy = copies.get(id);
      if (copy && clock.now() - copy.readAt < copyLifetime) return copy.opened;
      const reading = readOnce(`${id} ${drops}`, () => read(id)).catch((error: unknown) => {
        throw error instanceof Fault ? error : unreadable(asFault(error));
      });
      return within(clock, longestRead, reading, () => {
        // Its end comes to nobody any more.
        reading.catch(() => {});
        throw unreadable();
      });
    },
    keep: (row) => void keep(row),
    drop(id) {
      drops++;
      copies.delete(id);
    },
  };
}

/** What is left of an account's credentials once those before a change of keys are over. */
export function withoutPrevious({
  previousToken: _token,
  previousEncodingAesKey: _key,
  ...credentials
}: Credentials): Credentials {
  return credentials;
}

/** Reads may end in another order than they began. */
const isNewer = (row: AccountRow, than: AccountRow): boolean =>
  row.version > than.version || (row.version === than.version && row.connectedAt !== undefined && than.connectedAt === undefined);

function unreadable(cause?: unknown): Fault {
  return fault('server.unavailable', 'The account cannot be read now.', cause);
}
