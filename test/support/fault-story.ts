import { openDatabase } from '../../server/database/index.ts';
import { createLog } from '../../server/kernel/log.ts';
import { type CallbackFault, type CallFault, callbackFaults, callFaults, type FaultPlan } from '../../server/sandbox/faults.ts';
import type { Delivery, SandboxAccount } from '../../server/sandbox/index.ts';
import { ownDatabaseUri, sealingKey } from './app.ts';
import { openFront } from './front.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { slowQuestion } from './slow-scene.ts';
import { environmentOf, openWechatPlatform, type WechatPlatform } from './wechat-platform.ts';

/** One message of a follower and what became of it on the platform's side. */
export interface Sent {
  readonly openid: string;
  /** Absent for a follow. */
  readonly text?: string;
  readonly shown: Delivery['shown'];
  /** What befell each try; undefined where nothing did. */
  readonly struck: readonly (CallbackFault | undefined)[];
}

export interface InboxLeft {
  readonly _id: string;
  readonly state: string;
  readonly message: { readonly openid: string; readonly content: { readonly kind: string; readonly text?: string } };
  readonly answer?: { readonly kind: string; readonly text?: string };
  readonly isLate?: boolean;
  readonly untoldSince?: number;
}

export interface OutboxLeft {
  readonly uniqueNumber: string;
  readonly openid: string;
  readonly state: string;
  readonly reason?: string;
  readonly content: { readonly text: string };
}

/** What is left once all is over. */
export interface FaultReport {
  readonly sent: readonly Sent[];
  readonly inbox: readonly InboxLeft[];
  readonly outbox: readonly OutboxLeft[];
  readonly followers: readonly { readonly openid: string; readonly memberId: string }[];
  readonly members: number;
  readonly happened: readonly { readonly uniqueNumber: string }[];
  /** Every text that the platform showed, by the openid of who saw it. */
  readonly shown: readonly { readonly openid: string; readonly text: string }[];
  /** How often each fault of the calls has struck. */
  readonly struckCalls: Readonly<Record<CallFault, number>>;
  /** How often each fault of the callbacks has struck. */
  readonly struckCallbacks: Readonly<Record<CallbackFault, number>>;
  /** The HTTP statuses with which callbacks were answered. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly mostTokenCallsAtOnce: number;
  /** How often each message of customer service came that the platform may have taken. */
  readonly taken: ReadonlyMap<string, number>;
  readonly log: string;
  readonly secrets: readonly string[];
}

interface FaultStory {
  readonly messages: number;
  /** Followers of each of the two accounts. */
  readonly people: number;
  readonly together: number;
  readonly seed: number;
}

/** Of each call and each try of a callback. */
const chance = 0.03;
/** Each so many-th question takes longer than the platform waits. */
const everySlow = 8;

/** Many messages to two accounts of two processes on one database, while everything that the sandbox can do wrong goes wrong. */
export async function tellOfFaults(story: FaultStory): Promise<FaultReport> {
  const platform = await openWechatPlatform();
  const uri = ownDatabaseUri();
  const lines: string[] = [];
  const servers: ServerProcess[] = [];
  const front = await openFront(() => servers.map(({ url }) => url));
  try {
    const safe = await platform.sandbox.ensureAccount({ name: '半日麦', mode: 'safe' });
    const plain = await platform.sandbox.ensureAccount({ name: '快闪店', mode: 'plain' });
    const environment = { MONGODB_URI: uri, SECRETS_KEY: sealingKey, LOG_LEVEL: 'debug', ...environmentOf(platform, safe) };
    const options = { entry: 'test/support/slow-server.ts', hear: (line: string) => void lines.push(line) };
    for (let count = 0; count < 2; count++) servers.push(await startServerProcess(environment, options));
    // The link that was printed last is the one that opens.
    const [first, last] = servers as [ServerProcess, ServerProcess];
    await platform.sandbox.connect(safe, front.url + new URL(first.callbackUrl).pathname);
    const keys = await addAccount(last, plain);
    await script(platform, `accounts/${plain.appId}/server`, {
      ...{ url: front.url + new URL(keys.callbackUrl).pathname, token: keys.token, mode: 'plain' },
    });

    await script(platform, 'script/faults', planOf(story.seed));
    const sent = await sendAll(platform, [safe, plain], story);
    const { faults } = (await (await fetch(`${platform.url}/sandbox/api/script`)).json()) as {
      faults: { struck: { calls: number[]; callbacks: number[] } };
    };
    await script(platform, 'script/faults', {});
    const secrets = [safe, plain].flatMap(({ token, encodingAesKey, appSecret }) => [token, encodingAesKey, appSecret]);
    return {
      ...(await readRest(uri, platform)),
      ...{ sent, statuses: front.statuses, mostTokenCallsAtOnce: platform.mostTokenCallsAtOnce(), taken: platform.taken },
      struckCalls: named(callFaults, faults.struck.calls),
      struckCallbacks: named(callbackFaults, faults.struck.callbacks),
      ...{ log: lines.join('\n'), secrets: [...secrets, keys.token, keys.encodingAesKey] },
    };
  } finally {
    await Promise.all(servers.map((server) => server.kill()));
    await front.close();
    await platform.close();
  }
}

function planOf(seed: number): FaultPlan {
  const common = { name: '*', probability: chance, lasts: 300 };
  return {
    seed,
    calls: callFaults.map((fault) => ({ ...common, fault })),
    callbacks: callbackFaults.map((fault) => ({ ...common, fault })),
  };
}

const named = <Name extends string>(names: readonly Name[], counts: readonly number[]) =>
  Object.fromEntries(names.map((name, place) => [name, counts[place] ?? 0])) as Record<Name, number>;

async function script(platform: WechatPlatform, path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const method = path.endsWith('followers') ? 'POST' : 'PUT';
  const response = await fetch(`${platform.url}/sandbox/api/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

/** The owner adds the second account in our server, as the console does. */
async function addAccount(server: ServerProcess, { appId, originalId, appSecret, name }: SandboxAccount) {
  let authorization = '';
  async function call<Body>(method: string, path: string, body?: object): Promise<Body> {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${server.url}/api/v1/${path}`, init);
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json() as Promise<Body>;
  }
  const token = new URL(await server.ownerLink).hash.replace('#/link/', '');
  const person = { name: '何晓', login: 'hexiao@mailang.example', password: 'mai-lang-mian-bao-2026', as: 'bearer' };
  authorization = `Bearer ${(await call<{ token: string }>('POST', 'links/use', { token, ...person })).token}`;
  const profile = { channel: 'wechat', appId, originalId, name, traits: { kind: 'service', isVerified: true }, mode: 'plain' };
  const { id } = await call<{ id: string }>('POST', 'accounts', { ...profile, appSecret });
  return call<{ token: string; encodingAesKey: string; callbackUrl: string }>('GET', `accounts/${id}/keys`);
}

/** Everybody follows, then they ask, so many together. */
async function sendAll(platform: WechatPlatform, accounts: readonly SandboxAccount[], story: FaultStory): Promise<Sent[]> {
  const openids: string[] = [];
  for (const { appId } of accounts) {
    const followers = Array.from({ length: story.people }, (_, index) => ({ name: `顾客 ${index}` }));
    const made = (await script(platform, `script/accounts/${appId}/followers`, { followers })) as { openids: string[] };
    openids.push(...made.openids);
  }
  const { sandbox } = platform;
  const followed = await inLanes(story.together, openids, async (openid) =>
    sentOf(platform, openid, undefined, await sandbox.follow(openid)),
  );
  const numbers = Array.from({ length: story.messages - openids.length }, (_, index) => index);
  const asked = await inLanes(story.together, numbers, async (index) => {
    const openid = openids[index % openids.length] ?? '';
    // So long that the second of two at once has gone too before the answer comes.
    const takes = 4_900 + (index % 7) * 100;
    // Another part of the people in each round, so that nobody's window is used up by late answers alone.
    const isSlow = (index + Math.floor(index / openids.length)) % everySlow === 0;
    const text = isSlow ? slowQuestion(takes, `${index}`) : `今天有什么 ${index}`;
    return sentOf(platform, openid, text, await sandbox.say(openid, { kind: 'text', text }));
  });
  return [...followed, ...asked];
}

/** Works through the items, so many at once. */
async function inLanes<Item, Result>(lanes: number, items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** The wire log is read at once: it is cut. */
async function sentOf({ database }: WechatPlatform, openid: string, text: string | undefined, delivery: Delivery): Promise<Sent> {
  const rows = await database.connection.collection('wire').find({ deliveryId: delivery.id }).sort({ attempt: 1 }).toArray();
  const struck = rows.map(({ why }) => /By choice: ([\w-]+)\./.exec(String(why ?? ''))?.[1] as CallbackFault | undefined);
  return { openid, shown: delivery.shown, struck, ...(text !== undefined && { text }) };
}

/** Waits until the server has nothing left to do, and reads what it keeps. */
async function readRest(uri: string, platform: WechatPlatform) {
  const name = new URL(uri).pathname.slice(1);
  const database = await openDatabase({ uri, dataDir: '', name, log: createLog('silent') });
  const all = <Row>(collection: string, filter = {}) =>
    database.connection.collection(collection).find(filter).toArray() as unknown as Promise<Row[]>;
  try {
    for (let looks = 0; looks < 300; looks++) {
      const open = await all('outbox', { state: { $in: ['waiting', 'sending'] } });
      const unworked = await all('inbox', { $or: [{ state: 'received' }, { untoldSince: { $exists: true } }] });
      if (open.length + unworked.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const messages = await platform.database.connection.collection('messages').find({ from: 'account' }).toArray();
    return {
      inbox: await all<InboxLeft>('inbox'),
      outbox: await all<OutboxLeft>('outbox'),
      followers: await all<{ openid: string; memberId: string }>('followers'),
      members: (await all('members')).length,
      happened: await all<{ uniqueNumber: string }>('happened'),
      shown: messages.map(({ openid, content }) => ({ openid: String(openid), text: String(content.text) })),
    };
  } finally {
    await database.close();
  }
}
