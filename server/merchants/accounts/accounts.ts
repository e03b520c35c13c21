import type { CapabilitiesOf, ChannelName } from '../../channels/channel.ts';
import type { Clock } from '../../kernel/clock.ts';
import { fault } from '../../kernel/errors.ts';
import type { Id, Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { AppendAudit } from '../audit-records.ts';
import type { By } from '../caller.ts';
import type { Platform } from '../merchant.ts';
import type { Database } from '../merchant-records.ts';
import type { Accounts, MerchantAccount, OpenedAccount } from './account.ts';
import { createAccountCopies, withoutPrevious } from './account-copies.ts';
import { type Desk, editAccount, readAccountKeys, removeAccount, renewAccountKeys } from './account-desk.ts';
import { addAccount, ensureAccount } from './account-entry.ts';
import { openCredentials, sealCredentials } from './account-keys.ts';
import type { AccountRecords, AccountRow } from './account-records.ts';
import { openKnockRecords } from './knock-records.ts';
import { createKnockBook } from './knocks.ts';

export interface AccountsOptions {
  database: Database;
  records: AccountRecords;
  append: AppendAudit;
  clock: Clock;
  ids: Ids;
  log: Log;
  vault: Vault;
  random: Random;
  platform: Platform;
  /** What each channel's accounts can do. */
  capabilities: Readonly<Record<ChannelName, CapabilitiesOf>>;
}

/** The accounts of all merchants, as far as they are of this platform. */
export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const { records, clock, vault, log, platform, capabilities } = options;
  const knockRecords = await openKnockRecords(options.database);
  const keptIn = new Map<Id<'account'>, string>();
  const running = new Set<Promise<void>>();

  /** Does what nobody waits for; a failure is logged. */
  function run(event: string, accountId: Id<'account'>, work: Promise<unknown>) {
    const done: Promise<void> = work
      .then(
        () => {},
        (error: unknown) => log.warn({ error, accountId }, event),
      )
      .finally(() => running.delete(done));
    running.add(done);
  }

  const show = (row: AccountRow): MerchantAccount => toAccount(row, keptIn.has(row._id));
  const openRow = (row: AccountRow, hasPrevious: boolean): OpenedAccount => {
    const credentials = openCredentials(vault, row._id, row.sealed);
    const isWhole = hasPrevious || keptIn.has(row._id);
    return Object.freeze({ ...show(row), credentials: isWhole ? credentials : withoutPrevious(credentials) });
  };
  const copies = createAccountCopies({ find: records.findForCallback, openRow, clock });
  const book = createKnockBook({
    clock,
    write: (merchantId, id, knock) => run('knock.not-written', id, knockRecords.note(merchantId, id, knock)),
  });
  const desk: Desk = { ...options, copies, keptIn, show };
  const connecting = new Set<OpenedAccount>();

  return {
    async ensure(merchantId, given) {
      return openRow(await ensureAccount(desk, merchantId, given), true);
    },
    async list(merchantId, query) {
      const { items, ...rest } = await records.list(merchantId, query);
      return { items: items.map(show), ...rest };
    },
    async find(merchantId, id) {
      const row = await records.find(merchantId, id);
      return row && show(row);
    },
    add: (merchantId, id, profile, by) => addAccount(desk, merchantId, id, profile, by),
    edit: (merchantId, id, change, version, by) => editAccount(desk, merchantId, id, change, version, by),
    readKeys: (merchantId, id, by) => readAccountKeys(desk, merchantId, id, by),
    renewKeys: (merchantId, id, version, by) => renewAccountKeys(desk, merchantId, id, version, by),
    remove: (merchantId, id, version, by) => removeAccount(desk, merchantId, id, version, by),

    async open(channel, id) {
      const account = await copies.open(id);
      return account?.channel === channel && account.platform === platform ? account : undefined;
    },
    knocked(account, outcome) {
      book.note(account.merchantId, account.id, outcome);
      if (outcome !== 'answered' || account.connectedAt !== undefined || connecting.has(account)) return;
      connecting.add(account);
      run(
        'account.not-connected',
        account.id,
        connectAccount(desk, account).finally(() => connecting.delete(account)),
      );
    },
    async knocks(merchantId, id) {
      // Whoever asks wants the callback that came just now as well.
      book.flush();
      await Promise.all(running);
      const row = await records.find(merchantId, id);
      return row ? knockRecords.list(merchantId, id, row.keysAt) : [];
    },

    capabilitiesOf: ({ channel, traits }) => capabilities[channel](traits),
    requireCapability({ channel, traits, name }, capability) {
      const ability = capabilities[channel](traits)[capability];
      if (!ability.can)
        throw fault('account.incapable', `The account ${name} has no "${capability}": ${wanted[ability.reason]}.`);
    },

    async reseal() {
      for await (const row of records.readSealed()) {
        if (Object.values(row.sealed).every((sealed) => vault.isCurrent(sealed))) continue;
        run('account.not-resealed', row._id, resealRow(desk, row));
      }
      await Promise.all(running);
    },
    async idle() {
      book.flush();
      while (running.size > 0) await Promise.all(running);
    },
  };
}

const wanted = {
  'needs-service-account': 'the platform lets service accounts (服务号) do this, and no subscription accounts (订阅号)',
  'needs-verification': 'the platform lets verified accounts (认证) do this; verify the account, then say so in its settings',
  'needs-permission': 'the platform grants it on request; once it has, add the permission in the account’s settings',
} as const;

/** The first callback that was answered: from now on nobody reads the keys. */
async function connectAccount({ database, records, copies, clock, append }: Desk, account: OpenedAccount): Promise<void> {
  const { id, merchantId, version, channel, name } = account;
  const by: By = { actor: { kind: 'nobody', name: channel } };
  const row = await database.transact(async (session) => {
    const connected = await records.connect(session, merchantId, id, version, clock.now());
    if (connected) await append(session, merchantId, { by, action: 'account.connected', subject: { kind: 'account', id, name } });
    return connected;
  });
  if (row) copies.keep(row);
  else copies.drop(id);
}

async function resealRow({ records, vault }: Desk, row: AccountRow): Promise<void> {
  const anew = sealCredentials(vault, row._id, openCredentials(vault, row._id, row.sealed));
  await records.replaceSealed(row, anew);
}

function toAccount(row: AccountRow, isKept: boolean): MerchantAccount {
  const { _id, merchantId, channel, appId, originalId, name, traits, mode, platform, sealed, connectedAt, version, madeAt } = row;
  return Object.freeze({
    ...{ id: _id, merchantId, channel, appId, originalId, name, traits, mode, platform, version, madeAt },
    source: isKept ? 'configuration' : 'console',
    hasAppSecret: sealed.appSecret !== undefined,
    ...(connectedAt === undefined ? {} : { connectedAt }),
  });
}
