import { randomBytes } from 'node:crypto';
import type { Database } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import { createLog } from '../../server/kernel/log.ts';
import { createVault, type Vault } from '../../server/kernel/vault.ts';
import { type AccountKey, type Members, openMembers } from '../../server/members/index.ts';
import { openAuditRecords } from '../../server/merchants/audit-records.ts';
import { byOperator } from '../../server/merchants/index.ts';
import type { Resolve } from '../../server/webhooks/address.ts';
import { openWebhooks, type Webhook, type Webhooks } from '../../server/webhooks/index.ts';
import type { ManualClock } from './clock.ts';

export const by = byOperator;

/** One process's rooms for webhooks on a database that others may share. */
export interface WebhookRoom {
  readonly webhooks: Webhooks;
  readonly members: Members;
  /** Delivers whatever is due and waits for it. */
  deliver(): Promise<void>;
}

interface RoomOptions {
  database: Database;
  clock: ManualClock;
  allowPrivate?: boolean;
  resolve?: Resolve;
  log?: Log;
  vault?: Vault;
}

const key = randomBytes(32);

export async function openRoom(options: RoomOptions): Promise<WebhookRoom> {
  const { database, clock, allowPrivate = true, log = createLog('silent'), vault = createVault([key]) } = options;
  const ids = createIds(clock);
  const members = await openMembers({ database, clock, ids });
  const audit = await openAuditRecords({ database, clock, ids });
  const webhooks = await openWebhooks({
    ...{ database, clock, ids, log, vault, allowPrivate, events: members.events, appendAudit: audit.append },
    ...(options.resolve ? { resolve: options.resolve } : {}),
    random: () => 0.5,
  });
  return {
    webhooks,
    members,
    async deliver() {
      await members.events.place();
      await webhooks.sweep();
      await webhooks.idle();
    },
  };
}

/** A merchant with an account and people who follow and leave. */
export function createShop(room: WebhookRoom, clock: ManualClock) {
  const ids = createIds(clock);
  const account: AccountKey = { id: ids<'account'>(), merchantId: ids<'merchant'>() };
  let count = 0;
  const event = () => ({ at: clock.now() + ++count, uniqueNumber: `n${count}` });
  return {
    account,
    merchantId: account.merchantId,
    /** Somebody follows or leaves, as some process hears of it. */
    happens: (heardBy: WebhookRoom, name: string) => {
      const next = event();
      const { members } = heardBy;
      return next.at % 2 ? members.follows(account, name, next) : members.unfollows(account, name, next);
    },
    follows: (name: string) => room.members.follows(account, name, event()),
    unfollows: (name: string) => room.members.unfollows(account, name, event()),
    hook: (url: string, more: Partial<Pick<Webhook, 'kinds'>> = {}): Promise<{ webhook: Webhook; secret: string }> =>
      room.webhooks.make(account.merchantId, ids<'webhook'>(), { name: 'till', url, ...more }, by),
    newId: <Kind extends string>(): Id<Kind> => ids<Kind>(),
  };
}

export type Shop = ReturnType<typeof createShop>;
