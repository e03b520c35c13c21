import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { createIds, type Id } from '../../../server/kernel/ids.ts';
import { createLog } from '../../../server/kernel/log.ts';
import { createVault } from '../../../server/kernel/vault.ts';
import type { By, Merchants, MerchantsOptions, OpenedAccount } from '../../../server/merchants/index.ts';
import { createManualClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openTestMerchants, serviceAccount } from '../../support/merchants.ts';

const clock = createManualClock();
const ids = createIds(clock);
const owner: By = { actor: { kind: 'staff', id: 'ming', name: '小明' } };
const secret = '0123456789abcdef0123456789abcdef';
const newKey = Buffer.alloc(32, 1);
const oldKey = Buffer.alloc(32, 2);

let database: Database;
let merchants: Merchants;
let merchantId: Id<'merchant'>;
let otherId: Id<'merchant'>;
const lines: string[] = [];

const openAs = (more: Partial<MerchantsOptions> = {}) =>
  openTestMerchants(
    { database, clock, ids },
    { log: createLog('debug', { write: (line: string) => void lines.push(line) }), ...more },
  );

beforeAll(async () => {
  database = await openTestDatabase();
  merchants = await openAs();
});
afterAll(() => database.close());
beforeEach(async () => {
  const profile = { name: '半日麦', zone: 'Asia/Shanghai', language: 'zh' } as const;
  merchantId = (await merchants.ensureMerchant({ ...profile, slug: ids<'slug'>() })).id;
  otherId = (await merchants.ensureMerchant({ ...profile, slug: ids<'slug'>() })).id;
});

const add = (more: object = {}, id = ids<'account'>()) =>
  merchants.accounts.add(merchantId, id, { ...serviceAccount, ...more }, owner);
const opened = async (id: Id<'account'>, by = merchants): Promise<OpenedAccount> => {
  const account = await by.accounts.open('wechat', id);
  if (!account) throw new Error('the account does not open');
  return account;
};
/** What the audit tells of accounts; the clock stands still, and entries of one moment have no order. */
const actions = async () =>
  (await merchants.audit.list(merchantId, { limit: 50 })).items
    .map(({ action }) => action)
    .filter((action) => action.startsWith('account.'))
    .sort();
const rows = (name: string, filter: object = {}) => database.connection.collection(name).find(filter).toArray();
async function connect(account: OpenedAccount, by = merchants) {
  by.accounts.knocked(account, 'answered');
  await by.accounts.idle();
}

const configured = { ...serviceAccount, credentials: { token: 'fromfile', appSecret: secret }, keptIn: 'the configuration' };

describe('an account that is added', () => {
  it('gets a token and a key of its own, and is found by its merchant alone', async () => {
    const account = await add({ appSecret: secret });
    expect(account).toMatchObject({
      ...serviceAccount,
      merchantId,
      source: 'console',
      platform: 'real',
      hasAppSecret: true,
      version: 1,
    });
    expect(await merchants.accounts.find(merchantId, account.id)).toEqual(account);
    expect(await merchants.accounts.find(otherId, account.id)).toBeUndefined();
    expect((await merchants.accounts.list(otherId, { limit: 10 })).items).toEqual([]);
    const { credentials } = await opened(account.id);
    expect(credentials).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      encodingAesKey: expect.stringMatching(/^[A-Za-z0-9]{43}$/),
      appSecret: secret,
    });
    expect(credentials.token).not.toBe((await opened((await add({ appId: 'wx1' })).id)).credentials.token);
  });

  it('is the same when it is added again with the same id, and refused with another', async () => {
    const id = ids<'account'>();
    const account = await add({}, id);
    expect(await add({}, id)).toEqual(account);
    await expect(add()).rejects.toMatchObject({ code: 'request.refused', message: expect.stringContaining('半日麦') });
    expect(await rows('accounts', { merchantId })).toHaveLength(1);
    expect(await actions()).toEqual(['account.added']);
  });

  it('is one, whoever races for it', async () => {
    const others = await Promise.all(Array.from({ length: 10 }, () => openAs()));
    const raced = await Promise.allSettled(others.map((other) => other.accounts.add(merchantId, ids(), serviceAccount, owner)));
    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of raced) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'request.refused' });
    expect(await rows('accounts', { merchantId })).toHaveLength(1);
    expect(await actions()).toEqual(['account.added']);
  });

  it('stays apart from another merchant’s with the same app id', async () => {
    const own = await add();
    const foreign = await merchants.accounts.add(otherId, ids(), serviceAccount, owner);
    expect(foreign.id).not.toBe(own.id);
    expect((await opened(foreign.id)).credentials.token).not.toBe((await opened(own.id)).credentials.token);
    await merchants.accounts.remove(otherId, foreign.id, 1, owner);
    expect(await merchants.accounts.open('wechat', own.id)).toBeDefined();
  });

  it.each(['appId', 'originalId', 'name'])('is refused without its %s', async (field) => {
    await expect(add({ [field]: ' ' })).rejects.toMatchObject({ code: 'request.malformed' });
    expect(await rows('accounts', { merchantId })).toEqual([]);
  });

  it('cannot be changed by who gets it', async () => {
    const account = await add();
    expect(Object.isFrozen(account)).toBe(true);
    expect(Object.isFrozen(await opened(account.id))).toBe(true);
    expect(Object.isFrozen((await opened(account.id)).credentials)).toBe(true);
  });
});

describe('what is secret', () => {
  it('stands in no row, no line of the log, no audit and no answer', async () => {
    lines.length = 0;
    const account = await add({ appSecret: secret });
    await merchants.accounts.edit(merchantId, account.id, { appSecret: 'f'.repeat(32) }, 1, owner);
    const { token, encodingAesKey } = await merchants.accounts.readKeys(merchantId, account.id, owner);
    const before = await opened(account.id);
    const renewed = await merchants.accounts.renewKeys(merchantId, account.id, 2, owner);
    const after = await opened(account.id);
    await connect(after);
    const secrets = [secret, 'f'.repeat(32), token, encodingAesKey, after.credentials.token, after.credentials.encodingAesKey];
    const collections = await database.connection.listCollections();
    const everything = JSON.stringify(await Promise.all(collections.map(({ name }) => rows(name))));
    const shown = JSON.stringify([account, renewed, await merchants.accounts.list(merchantId, { limit: 10 })]);
    expect(collections.map(({ name }) => name)).toEqual(expect.arrayContaining(['accounts', 'audit', 'knocks']));
    for (const one of secrets) {
      expect(one).toMatch(/^\w{32,43}$/);
      for (const place of [everything, shown, lines.join('')]) expect(place).not.toContain(one);
    }
    expect(before.credentials.token).toBe(token);
    const [entry] = (await merchants.audit.list(merchantId, { action: 'account.edited', limit: 1 })).items;
    expect(entry).toMatchObject({ after: { appSecret: 'changed' } });
  });

  it('does not open in another account’s row, nor in another field', async () => {
    const [first, second] = [await add(), await add({ appId: 'wx2', appSecret: secret })];
    const [from] = await rows('accounts', { _id: second.id as never });
    const sealed = from?.sealed as Record<string, string>;
    const accounts = database.connection.collection<{ _id: string }>('accounts');
    for (const [id, token] of [
      [first.id, sealed.token],
      [second.id, sealed.appSecret],
    ] as const) {
      await accounts.updateOne({ _id: id }, { $set: { 'sealed.token': token } });
      await expect((await openAs()).accounts.open('wechat', id)).rejects.toMatchObject({ code: 'server.failed' });
    }
  });

  it('is sealed anew at the start with a new key, so that the old one can go', async () => {
    const before = await openAs({ vault: createVault([oldKey]) });
    const { id } = await before.accounts.add(merchantId, ids(), { ...serviceAccount, appSecret: secret }, owner);
    const { credentials } = await opened(id, before);
    const between = await openAs({ vault: createVault([newKey, oldKey]) });
    expect((await opened(id, between)).credentials).toEqual(credentials);
    await between.accounts.reseal();
    const after = await openAs({ vault: createVault([newKey]) });
    expect(await opened(id, after)).toMatchObject({ credentials, version: 1 });
  });

  it('can be set anew when its key is lost', async () => {
    const before = await openAs({ vault: createVault([oldKey]) });
    const { id } = await before.accounts.add(merchantId, ids(), { ...serviceAccount, appSecret: secret }, owner);
    const after = await openAs({ vault: createVault([newKey]) });
    await after.accounts.reseal();
    await expect(after.accounts.open('wechat', id)).rejects.toMatchObject({ code: 'server.failed' });
    await after.accounts.renewKeys(merchantId, id, 1, owner);
    const { version } = await after.accounts.edit(merchantId, id, { appSecret: secret }, 2, owner);
    expect(await opened(id, after)).toMatchObject({ version, credentials: { appSecret: secret } });
  });
});

describe('an edit', () => {
  it('changes what was given and says so in the audit', async () => {
    const { id } = await add();
    const traits = { kind: 'subscription', isVerified: false, permissions: ['menu/create'] } as const;
    const edited = await merchants.accounts.edit(merchantId, id, { name: '二店', traits, mode: undefined }, 1, owner);
    expect(edited).toMatchObject({ name: '二店', traits, mode: 'safe', version: 2 });
    expect(await opened(id)).toMatchObject(edited);
    const [entry] = (await merchants.audit.list(merchantId, { action: 'account.edited', limit: 1 })).items;
    expect(entry).toMatchObject({
      action: 'account.edited',
      by: owner,
      subject: { kind: 'account', id },
      before: { name: '半日麦', traits: serviceAccount.traits },
      after: { name: '二店', traits },
    });
  });

  it('that changes nothing leaves version and audit as they are', async () => {
    const account = await add({ appSecret: secret });
    const same = { name: serviceAccount.name, traits: { ...serviceAccount.traits }, appSecret: secret };
    expect(await merchants.accounts.edit(merchantId, account.id, same, 1, owner)).toEqual(account);
    expect(await actions()).toEqual(['account.added']);
  });

  it('of an old version, of nobody’s or of another merchant’s account is refused', async () => {
    const { id } = await add();
    const edit = (merchant: Id<'merchant'>, account: Id<'account'>, version: number) =>
      merchants.accounts.edit(merchant, account, { name: 'x' }, version, owner);
    await expect(edit(merchantId, id, 2)).rejects.toMatchObject({ code: 'request.stale' });
    await expect(edit(merchantId, ids(), 1)).rejects.toMatchObject({ code: 'request.not-found' });
    await expect(edit(otherId, id, 1)).rejects.toMatchObject({ code: 'request.not-found' });
    for (const change of [merchants.accounts.renewKeys, merchants.accounts.remove]) {
      await expect(change(otherId, id, 1, owner)).rejects.toMatchObject({ code: 'request.not-found' });
      await expect(change(merchantId, id, 7, owner)).rejects.toMatchObject({ code: 'request.stale' });
    }
    await expect(merchants.accounts.readKeys(otherId, id, owner)).rejects.toMatchObject({ code: 'request.not-found' });
    expect(await actions()).toEqual(['account.added']);
  });

  it('is made once of ten that race', async () => {
    const { id } = await add();
    const raced = await Promise.allSettled(
      Array.from({ length: 10 }, (_, place) => merchants.accounts.edit(merchantId, id, { name: `${place}` }, 1, owner)),
    );
    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await actions()).filter((action) => action === 'account.edited')).toHaveLength(1);
  });
});

describe('token and key', () => {
  it('are read until the platform has used them, and the audit keeps who looked', async () => {
    const { id } = await add();
    const account = await opened(id);
    const { token, encodingAesKey } = account.credentials;
    expect(await merchants.accounts.readKeys(merchantId, id, owner)).toEqual({ token, encodingAesKey });
    merchants.accounts.knocked(account, 'callback.wrong-signature');
    await merchants.accounts.idle();
    expect(await merchants.accounts.readKeys(merchantId, id, owner)).toEqual({ token, encodingAesKey });
    await connect(account);
    await expect(merchants.accounts.readKeys(merchantId, id, owner)).rejects.toMatchObject({ code: 'request.refused' });
    expect((await merchants.accounts.find(merchantId, id))?.connectedAt).toBe(clock.now());
    const read = 'account.keys-read';
    expect(await actions()).toEqual(['account.added', 'account.connected', read, read]);
  });

  it('are connected once, however many processes hear the first message', async () => {
    const { id } = await add();
    const others = await Promise.all(Array.from({ length: 5 }, () => openAs()));
    await Promise.all(others.map(async (other) => connect(await opened(id, other), other)));
    expect((await actions()).filter((action) => action === 'account.connected')).toHaveLength(1);
    for (const other of others) expect((await opened(id, other)).connectedAt).toBe(clock.now());
  });

  it('change without a stop: those before still answer, until an hour after the new ones are used', async () => {
    const { id } = await add();
    await connect(await opened(id));
    const before = (await opened(id)).credentials;
    await merchants.accounts.renewKeys(merchantId, id, 1, owner);
    const after = await opened(id);
    expect(after).toMatchObject({
      version: 2,
      credentials: { previousToken: before.token, previousEncodingAesKey: before.encodingAesKey },
    });
    expect(after.credentials.token).not.toBe(before.token);
    expect(await merchants.accounts.readKeys(merchantId, id, owner)).toMatchObject({ token: after.credentials.token });
    await clock.advance(86_400_000);
    expect((await opened(id)).credentials.previousToken).toBe(before.token);
    await connect(await opened(id));
    await clock.advance(3_600_000);
    expect((await opened(id)).credentials).toEqual({
      token: after.credentials.token,
      encodingAesKey: after.credentials.encodingAesKey,
    });
  });

  it('that the platform never used are no longer answered when they change', async () => {
    const { id } = await add();
    await merchants.accounts.renewKeys(merchantId, id, 1, owner);
    expect(Object.keys((await opened(id)).credentials).sort()).toEqual(['encodingAesKey', 'token']);
  });

  it('that the platform uses are answered however often new ones are made before it has those', async () => {
    const { id } = await add();
    await connect(await opened(id));
    const { token } = (await opened(id)).credentials;
    await merchants.accounts.renewKeys(merchantId, id, 1, owner);
    await merchants.accounts.renewKeys(merchantId, id, 2, owner);
    expect((await opened(id)).credentials.previousToken).toBe(token);
  });

  it('are not connected by a message that came with those before', async () => {
    const { id } = await add();
    const before = await opened(id);
    await merchants.accounts.renewKeys(merchantId, id, 1, owner);
    await connect(before);
    expect((await merchants.accounts.find(merchantId, id))?.connectedAt).toBeUndefined();
    expect(await merchants.accounts.readKeys(merchantId, id, owner)).toBeDefined();
  });
});

describe('an account that is open', () => {
  it('is the same object until it changes', async () => {
    const { id } = await add();
    const account = await opened(id);
    expect(await opened(id)).toBe(account);
    await clock.advance(5_000);
    expect(await opened(id)).toBe(account);
    await merchants.accounts.edit(merchantId, id, { mode: 'compatible' }, 1, owner);
    expect(await opened(id)).not.toBe(account);
  });

  it('changes at once in this process, and within five seconds in another', async () => {
    const { id } = await add();
    const other = await openAs();
    const before = await opened(id, other);
    await merchants.accounts.renewKeys(merchantId, id, 1, owner);
    expect((await opened(id)).version).toBe(2);
    expect(await opened(id, other)).toBe(before);
    await clock.advance(5_000);
    expect(await opened(id, other)).toEqual(await opened(id));
  });

  it('is read once for all who ask at the same time', async () => {
    const { id } = await add();
    const other = await openAs();
    const all = await Promise.all(Array.from({ length: 20 }, () => opened(id, other)));
    expect(new Set(all).size).toBe(1);
  });

  it('is closed by its removal, at once here and within five seconds elsewhere', async () => {
    const { id } = await add({ appSecret: secret });
    const other = await openAs();
    await Promise.all([opened(id), opened(id, other)]);
    await merchants.accounts.remove(merchantId, id, 1, owner);
    expect(await merchants.accounts.open('wechat', id)).toBeUndefined();
    await clock.advance(5_000);
    expect(await other.accounts.open('wechat', id)).toBeUndefined();
    expect(await merchants.accounts.find(merchantId, id)).toBeUndefined();
    expect((await merchants.accounts.list(merchantId, { limit: 10 })).items).toEqual([]);
    const [row] = await rows('accounts', { _id: id as never });
    expect(row).not.toHaveProperty('sealed');
    await expect(merchants.accounts.remove(merchantId, id, 2, owner)).rejects.toMatchObject({ code: 'request.not-found' });
  });

  it('that was removed and is added again has its id, and other keys', async () => {
    const { id } = await add({ appSecret: secret });
    const { token } = (await opened(id)).credentials;
    await merchants.accounts.remove(merchantId, id, 1, owner);
    const again = ids<'account'>();
    const account = await add({ name: '又来' }, again);
    expect(account).toMatchObject({ id, name: '又来', hasAppSecret: false });
    expect((await opened(id)).credentials.token).not.toBe(token);
    expect(await add({ name: '又来' }, again)).toEqual(account);
  });

  it('is nobody’s for an id that there is not', async () => {
    expect(await merchants.accounts.open('wechat', ids())).toBeUndefined();
  });
});

describe('an account of the configuration', () => {
  it('becomes what is given at every start, and tells the audit only of what is new', async () => {
    const first = await merchants.accounts.ensure(merchantId, configured);
    expect(first).toMatchObject({ source: 'configuration', credentials: configured.credentials, version: 1 });
    expect(await merchants.accounts.ensure(merchantId, configured)).toEqual(first);
    await connect(await opened(first.id));
    const renamed = await merchants.accounts.ensure(merchantId, { ...configured, name: '全日麦', originalId: 'gh_2' });
    expect(renamed).toMatchObject({ id: first.id, name: '全日麦', originalId: 'gh_2', connectedAt: clock.now() });
    const rekeyed = await merchants.accounts.ensure(merchantId, { ...configured, credentials: { token: 'another' } });
    expect(rekeyed.connectedAt).toBeUndefined();
    expect(rekeyed).toMatchObject({ id: first.id, hasAppSecret: false, credentials: { token: 'another' } });
    const edited = 'account.edited';
    expect(await actions()).toEqual(['account.added', 'account.connected', edited, edited]);
  });

  it('is made once by fifty processes that start together', async () => {
    const others = await Promise.all(Array.from({ length: 50 }, () => openAs()));
    const made = await Promise.all(others.map((other) => other.accounts.ensure(merchantId, configured)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await rows('accounts', { merchantId })).toHaveLength(1);
    expect(await actions()).toEqual(['account.added']);
  });

  it('is edited, read and removed nowhere else, and says where it stands', async () => {
    const { id } = await merchants.accounts.ensure(merchantId, configured);
    const refusal = { code: 'request.refused', message: expect.stringContaining('the configuration') };
    await expect(merchants.accounts.edit(merchantId, id, { name: 'x' }, 1, owner)).rejects.toMatchObject(refusal);
    await expect(merchants.accounts.renewKeys(merchantId, id, 1, owner)).rejects.toMatchObject(refusal);
    await expect(merchants.accounts.readKeys(merchantId, id, owner)).rejects.toMatchObject(refusal);
    await expect(merchants.accounts.remove(merchantId, id, 1, owner)).rejects.toMatchObject(refusal);
    expect(await opened(id)).toMatchObject({ name: serviceAccount.name, credentials: configured.credentials });
  });

  it('that was made before there were sealed keys keeps its id', async () => {
    const _id = ids<'account'>();
    const { channel, appId, originalId, name } = serviceAccount;
    const old = { _id, merchantId, channel, appId, originalId, name, madeAt: 5 };
    await database.connection.collection<{ _id: string }>('accounts').insertOne(old);
    expect(await merchants.accounts.open('wechat', _id)).toBeUndefined();
    const account = await merchants.accounts.ensure(merchantId, configured);
    expect(account).toMatchObject({ id: _id, version: 1, madeAt: 5, credentials: configured.credentials });
    expect(await opened(_id)).toMatchObject(account);
  });

  it('takes over what was added before, and is edited again once the configuration names it no more', async () => {
    const account = await add();
    const { id } = await merchants.accounts.ensure(merchantId, configured);
    expect(id).toBe(account.id);
    const later = await openAs();
    expect(await later.accounts.find(merchantId, id)).toMatchObject({ source: 'console' });
    expect(await later.accounts.edit(merchantId, id, { name: '自己的' }, 2, owner)).toMatchObject({ name: '自己的' });
  });
});

describe('outcomes of callbacks', () => {
  it('are kept by their last time, the latest first', async () => {
    const account = await opened((await add()).id);
    const at = clock.now();
    merchants.accounts.knocked(account, 'callback.wrong-signature');
    await clock.advance(10);
    merchants.accounts.knocked(account, 'answered');
    expect(await merchants.accounts.knocks(merchantId, account.id)).toEqual([
      { outcome: 'answered', at: at + 10 },
      { outcome: 'callback.wrong-signature', at },
    ]);
    expect(await merchants.accounts.knocks(otherId, account.id)).toEqual([]);
  });

  it('of a burst are written twice: the first and the last', async () => {
    const account = await opened((await add()).id);
    const at = clock.now();
    const last = async () => {
      // What the clock woke has begun to write; what it wrote is read here, without asking for more.
      for (;;) {
        const [row] = await rows('knocks', { accountId: account.id });
        if (row) return row.at;
      }
    };
    merchants.accounts.knocked(account, 'callback.malformed');
    expect(await last()).toBe(at);
    for (let step = 0; step < 9; step++) {
      await clock.advance(100);
      merchants.accounts.knocked(account, 'callback.malformed');
    }
    expect(await last()).toBe(at);
    await clock.advance(100);
    await merchants.accounts.idle();
    expect(await last()).toBe(at + 900);
  });

  it('of keys that are gone tell nothing of those that came after', async () => {
    const { id } = await add();
    merchants.accounts.knocked(await opened(id), 'callback.wrong-signature');
    await merchants.accounts.idle();
    await clock.advance(1);
    await merchants.accounts.renewKeys(merchantId, id, 1, owner);
    expect(await merchants.accounts.knocks(merchantId, id)).toEqual([]);
  });
});

describe('what an account cannot do', () => {
  it('is refused in words, before it is tried', async () => {
    const account = await add({ traits: { kind: 'subscription', isVerified: true, permissions: [] } });
    expect(() => merchants.accounts.requireCapability(account, 'template-messages')).toThrow(
      expect.objectContaining({ code: 'account.incapable', message: expect.stringMatching(/半日麦.*service accounts/) }),
    );
    merchants.accounts.requireCapability(account, 'menu');
    expect(merchants.accounts.capabilitiesOf(account)['template-messages']).toEqual({
      can: false,
      permission: 'message/template/send',
      reason: 'needs-service-account',
    });
  });
});

describe('the sandbox', () => {
  it('runs beside no real account: it gives way, or does not start', async () => {
    const own = await openTestDatabase();
    const start = (sandbox: 'auto' | 'on' | 'off') => openTestMerchants({ database: own, clock, ids }, { sandbox });
    try {
      const trial = await start('auto');
      expect(trial.platform).toBe('sandbox');
      const demo = await trial.ensureMerchant({ slug: 'demo', name: '试', zone: 'Asia/Shanghai', language: 'zh' });
      const tried = await trial.accounts.add(demo.id, ids(), serviceAccount, owner);
      expect(tried.platform).toBe('sandbox');

      const real = await start('off');
      expect(real.platform).toBe('real');
      expect(await real.accounts.open('wechat', tried.id)).toBeUndefined();
      expect([await real.only(), await real.findBySlug('demo'), await real.merchantOf(demo.id)]).toEqual(
        Array.from({ length: 3 }, () => undefined),
      );
      expect((await start('on')).platform).toBe('sandbox');

      const house = await real.ensureMerchant({ slug: 'main', name: '真', zone: 'Asia/Shanghai', language: 'zh' });
      expect(await real.only()).toEqual(house);
      const { id } = await real.accounts.add(house.id, ids(), serviceAccount, owner);
      expect((await start('auto')).platform).toBe('real');
      await expect(start('on')).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining('SANDBOX') });
      await real.accounts.remove(house.id, id, 1, owner);
      expect((await start('on')).platform).toBe('sandbox');
    } finally {
      await own.close();
    }
  });
});
