import { expect, it } from 'vitest';
import type { Id } from '../../../server/kernel/ids.ts';
import type { OpenedAccount } from '../../../server/merchants/accounts/account.ts';
import { createAccountCopies } from '../../../server/merchants/accounts/account-copies.ts';
import type { AccountRow } from '../../../server/merchants/accounts/account-records.ts';
import { createManualClock } from '../../support/clock.ts';
import { serviceAccount } from '../../support/merchants.ts';

const id = 'a'.repeat(26) as Id<'account'>;

function rowOf(version: number, more: Partial<AccountRow> = {}): AccountRow {
  const sealed = { token: `sealed ${version}` };
  const merchantId = 'm' as Id<'merchant'>;
  return {
    _id: id,
    merchantId,
    ...serviceAccount,
    platform: 'real',
    sealed,
    addedAs: id,
    keysAt: 0,
    version,
    madeAt: 0,
    ...more,
  };
}

/** Copies over a database whose reads end when the test says so. */
function openCopies() {
  const clock = createManualClock();
  const reads: { end(row?: AccountRow): void; fail(error: Error): void }[] = [];
  const copies = createAccountCopies({
    clock,
    find: () => new Promise((end, fail) => reads.push({ end, fail })),
    openRow: (row) => ({ id: row._id, version: row.version }) as OpenedAccount,
  });
  return { clock, copies, reads };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('reads once for all who ask meanwhile, and again after five seconds', async () => {
  const { clock, copies, reads } = openCopies();
  const all = Promise.all([copies.open(id), copies.open(id), copies.open(id)]);
  reads[0]?.end(rowOf(1));
  const [first, ...others] = await all;
  expect(others).toEqual([first, first]);
  await clock.advance(4_999);
  expect(await copies.open(id)).toBe(first);
  expect(reads).toHaveLength(1);
  await clock.advance(1);
  const later = copies.open(id);
  reads[1]?.end(rowOf(1));
  expect(await later).toBe(first);
});

it('does not let a read that began before a change undo it', async () => {
  const { copies, reads } = openCopies();
  const before = copies.open(id);
  copies.keep(rowOf(2));
  reads[0]?.end(rowOf(1));
  expect(await before).toMatchObject({ version: 2 });
  expect(await copies.open(id)).toMatchObject({ version: 2 });
});

it('does not let a read that began before a removal bring the account back, nor answer who asks after it', async () => {
  const { copies, reads } = openCopies();
  const before = copies.open(id);
  copies.drop(id);
  const after = copies.open(id);
  reads[0]?.end(rowOf(1));
  reads[1]?.end(undefined);
  expect(await before).toMatchObject({ version: 1 });
  expect(await after).toBeUndefined();
  const later = copies.open(id);
  await settled();
  expect(reads).toHaveLength(3);
  reads[2]?.end(undefined);
  expect(await later).toBeUndefined();
});

it('does not let a read that began before the first message make the account unconnected', async () => {
  const { copies, reads } = openCopies();
  const before = copies.open(id);
  copies.keep(rowOf(1, { connectedAt: 7 }));
  const connected = await copies.open(id);
  reads[0]?.end(rowOf(1));
  expect(await before).toBe(connected);
});

it('gives up in time for the platform to send the message again when the database does not answer', async () => {
  const { clock, copies, reads } = openCopies();
  const opened = copies.open(id);
  const refused = expect(opened).rejects.toMatchObject({ code: 'server.unavailable' });
  await clock.advance(4_000);
  await refused;
  reads[0]?.fail(new Error('the database is gone'));
  await settled();
  const again = copies.open(id);
  reads[1]?.fail(new Error('the database is gone'));
  await expect(again).rejects.toMatchObject({ code: 'server.unavailable' });
});
