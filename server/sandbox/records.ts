import type { mongo } from 'mongoose';
import { type Database, isDuplicate } from '../database/index.ts';
import type { SandboxAccount } from './accounts.ts';
import type { DeliveryState, Follower, FollowerSettings, Message, ServerSettings, WireDetail } from './contract.ts';
import { type Grant, openGrantRecords } from './grant-records.ts';
import { type Allowance, openWindowRecords } from './window-records.ts';
import { openWireRecords, sequenceOf } from './wire-records.ts';

/** `url` is where callbacks go, once its owner has said so on the sandbox's page. */
type AccountRecord = Omit<SandboxAccount, 'appId'> & { _id: string; createdAt: number; url?: string };
type MessageRecord = Omit<Message, 'id'> & { _id: string };

/** A person and where they stand with their account. */
export type FollowerRecord = Omit<Follower, 'openid'> & {
  _id: string;
  createdAt: number;
  /** When they last followed or unfollowed, epoch ms; what a change is guarded by. */
  changedAt: number;
};

/** One callback until it ends, and is then gone: what a restart needs to go on with it. */
export interface DeliveryRecord {
  _id: string;
  appId: string;
  openid: string;
  kind: string;
  followerName: string;
  excerpt?: string;
  /** The message's XML before it was sealed. */
  decoded: string;
  /** What every try sends. */
  body: string;
  /** What `msg_signature` covers; absent in plain mode. */
  encrypted?: string;
  /** The follower's own line in the chat that waits on it. */
  messageId?: string;
  /** It tells of no step of a follower: whatever is answered, nobody sees anything. */
  isQuiet?: true;
  /** Tries begun. */
  attempts: number;
  createdAt: number;
}

/** What a follower's step changes, written together: the step itself, its line in the chat, its delivery. */
export interface Step {
  delivery: DeliveryRecord;
  message?: Message;
  change?: { openid: string; changedAt: number; set: Partial<FollowerRecord> };
  /** What the step does to the window in which the account may write. */
  window?: Allowance | { closes: string };
  /** What the follower has agreed to, and what they have switched off. */
  grants?: readonly Grant[];
  withdrawn?: readonly Grant[];
}

/** How a delivery ends, written together with its last try. */
export interface Ending {
  deliveryId: string;
  state: Exclude<DeliveryState, 'sending'>;
  /** The follower's own line in the chat that waited on it. */
  messageId?: string | undefined;
  /** The line that answers the follower. */
  shown?: Message | undefined;
}

export type Records = Awaited<ReturnType<typeof openRecords>>;

/** Everything that the sandbox keeps, in a database of its own. Only one process may use it at a time. */
export async function openRecords({ connection }: Database) {
  const client = connection.getClient() as unknown as mongo.MongoClient;
  const database = client.db(connection.name);
  const accounts = database.collection<AccountRecord>('accounts');
  const followers = database.collection<FollowerRecord>('followers');
  const messages = database.collection<MessageRecord>('messages');
  const deliveries = database.collection<DeliveryRecord>('deliveries');
  const wire = await openWireRecords(database);
  const windows = await openWindowRecords(database);
  const grants = await openGrantRecords(database);

  await accounts.createIndex({ name: 1 }, { unique: true });
  await followers.createIndex({ createdAt: 1 });
  await messages.createIndex({ openid: 1, _id: 1 });
  await deliveries.createIndex({ appId: 1, createdAt: 1 });

  const nextMessageId = await sequenceOf(messages);

  async function together<T>(work: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
    const session = client.startSession();
    try {
      return await session.withTransaction(() => work(session));
    } finally {
      await session.endSession();
    }
  }

  /** Makes the account and its first followers unless there is one of this name; gives what is kept, with what was `wanted`. */
  async function keepAccount(
    { appId, ...account }: SandboxAccount,
    wanted: Pick<SandboxAccount, 'name'> & Partial<SandboxAccount>,
    createdAt: number,
    first: FollowerRecord[],
  ): Promise<SandboxAccount> {
    const { name, ...set } = wanted;
    const made = Object.fromEntries(Object.entries(account).filter(([field]) => !(field in wanted)));
    return together(async (session) => {
      const { upsertedCount } = await accounts.updateOne(
        { name },
        { $set: set, $setOnInsert: { _id: appId, ...made, createdAt } },
        { upsert: true, session },
      );
      if (upsertedCount === 1 && first.length > 0) await followers.insertMany(first, { session });
      const kept = await accounts.findOne({ name }, { session });
      if (!kept) throw new Error('an account that was just kept is gone');
      return accountOf(kept);
    });
  }

  /** Adds an account with its first followers; false when another has its name. */
  async function addAccount({ appId, ...account }: SandboxAccount, createdAt: number, first: FollowerRecord[]): Promise<boolean> {
    try {
      await together(async (session) => {
        await accounts.insertOne({ _id: appId, ...account, createdAt }, { session });
        if (first.length > 0) await followers.insertMany(first, { session });
      });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async function change(appId: string, set: Partial<AccountRecord>): Promise<SandboxAccount | undefined> {
    const record = await accounts.findOneAndUpdate({ _id: appId }, { $set: set }, { returnDocument: 'after' });
    return record ? accountOf(record) : undefined;
  }

  /** Writes a follower's step; false when the follower has changed meanwhile, and then nothing is written. */
  async function begin({ delivery, message, change, window, grants: granted = [], withdrawn = [] }: Step): Promise<boolean> {
    return together(async (session) => {
      if (change) {
        const guard = { _id: change.openid, changedAt: change.changedAt };
        const { matchedCount } = await followers.updateOne(guard, { $set: change.set }, { session });
        if (matchedCount === 0) return false;
      }
      if (window && 'closes' in window) await windows.close(session, window.closes);
      else if (window) await windows.raise(session, window);
      for (const grant of granted) await grants.add(session, grant);
      for (const grant of withdrawn) await grants.withdraw(session, grant);
      await deliveries.insertOne(delivery, { session });
      if (message) await messages.insertOne(messageRecord(message), { session });
      return true;
    });
  }

  /** Keeps a try and, when it was the last, what came of the delivery. Gives the follower's own line when its state changed. */
  async function endTry(row: WireDetail, ending?: Ending): Promise<Message | undefined> {
    return together(async (session) => {
      await wire.add(session, row);
      if (!ending) return undefined;
      const { deliveryId, state, messageId, shown } = ending;
      await deliveries.deleteOne({ _id: deliveryId }, { session });
      if (shown) await messages.insertOne(messageRecord(shown), { session });
      if (messageId === undefined) return undefined;
      const change = { $set: { delivery: state } };
      const line = await messages.findOneAndUpdate({ _id: messageId }, change, { session, returnDocument: 'after' });
      return line ? messageOf(line) : undefined;
    });
  }

  return {
    windows,
    grants,
    nextMessageId,
    nextWireId: wire.nextId,
    wireRows: wire.rows,
    wireDetail: wire.detail,
    triesOf: wire.triesOf,
    keepAccount,
    addAccount,
    begin,

    /** Gives these traits to the accounts that were kept before there were any. */
    async completeAccounts(make: () => Partial<AccountRecord>): Promise<void> {
      const old = await accounts.find({ appSecret: { $exists: false } }).toArray();
      for (const { _id } of old) await change(_id, make());
    },
    async findAccount(appId: string): Promise<SandboxAccount | undefined> {
      const record = await accounts.findOne({ _id: appId });
      return record ? accountOf(record) : undefined;
    },
    /** Keeps what the owner entered; undefined when there is no such account. */
    changeServer: (appId: string, settings: ServerSettings): Promise<SandboxAccount | undefined> => change(appId, settings),
    changeAddresses: (appId: string, addresses: readonly string[]): Promise<SandboxAccount | undefined> =>
      change(appId, { addresses }),
    changeTraits: (
      appId: string,
      traits: Partial<Pick<SandboxAccount, 'kind' | 'isVerified'>>,
    ): Promise<SandboxAccount | undefined> => change(appId, traits),
    /** The accounts whose callbacks go where their owner has said. */
    async connections(): Promise<{ appId: string; url: string }[]> {
      const connected = await accounts.find({ url: { $exists: true } }).toArray();
      return connected.flatMap(({ _id, url }) => (url === undefined ? [] : [{ appId: _id, url }]));
    },

    async accounts(): Promise<SandboxAccount[]> {
      return (await accounts.find().sort({ createdAt: 1 }).toArray()).map(accountOf);
    },

    async addFollower(follower: FollowerRecord): Promise<void> {
      await followers.insertOne(follower);
    },
    /** Null when nobody has this openid. */
    changeSettings: (openid: string, settings: FollowerSettings): Promise<FollowerRecord | null> =>
      followers.findOneAndUpdate({ _id: openid }, { $set: settings }, { returnDocument: 'after' }),
    findFollower: (openid: string): Promise<FollowerRecord | null> => followers.findOne({ _id: openid }),
    followers: (): Promise<FollowerRecord[]> => followers.find().sort({ createdAt: 1 }).toArray(),

    /** Adds lines that accounts have sent of their own accord. */
    async addMessages(lines: readonly Message[]): Promise<void> {
      if (lines.length > 0) await messages.insertMany(lines.map(messageRecord));
    },
    /** Up to `limit` lines of a chat before a line, the newest first. */
    async messages(openid: string, limit: number, before?: string): Promise<Message[]> {
      const filter = { openid, ...(before !== undefined && { _id: { $lt: before } }) };
      return (await messages.find(filter).sort({ _id: -1 }).limit(limit).toArray()).map(messageOf);
    },

    /** Notes that a try begins, so that a restart knows of it. */
    async beginTry(deliveryId: string, attempt: number): Promise<void> {
      await deliveries.updateOne({ _id: deliveryId }, { $set: { attempts: attempt } });
    },
    async endTry(row: WireDetail, ending?: Ending): Promise<Message | undefined> {
      const line = await endTry(row, ending);
      await wire.cut(row.id);
      return line;
    },
    unended: (appId: string): Promise<DeliveryRecord[]> => deliveries.find({ appId }).sort({ createdAt: 1 }).toArray(),
  };
}

function accountOf({ _id, createdAt: _, url: _url, ...account }: AccountRecord): SandboxAccount {
  return Object.freeze({ appId: _id, ...account });
}

function messageRecord({ id, ...message }: Message): MessageRecord {
  return { _id: id, ...message };
}

function messageOf({ _id, ...message }: MessageRecord): Message {
  return { id: _id, ...message };
}
