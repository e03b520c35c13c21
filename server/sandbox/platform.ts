import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { makeMediaId, makeOpenid, type SandboxAccount } from './accounts.ts';
import type { CodeRecords } from './calls/code-records.ts';
import { answeredNotice, endedNotice, grantsOf } from './consent.ts';
import type {
  Begun,
  Follower,
  FollowerSettings,
  Message,
  MessageContent,
  Speech,
  SubscriptionAnswers,
  SubscriptionEnd,
} from './contract.ts';
import type { Courier, Delivery, Line } from './courier.ts';
import type { Events } from './events.ts';
import { makeDelivery } from './post.ts';
import type { FollowerRecord, Records, Step } from './records.ts';
import {
  bubbleOf,
  entryCodeSchema,
  followNotice,
  type Notice,
  nameSchema,
  noticeOf,
  parse,
  parseSpeech,
  unfollowNotice,
} from './speech.ts';

/** A step of a follower that is kept and on its way: what there is to see at once, and what will have come of it. */
export interface Begin {
  readonly begun: Begun;
  /** Rejects with the fault `server.unavailable` when the sandbox closes first. */
  readonly done: Promise<Delivery>;
}

/** What people do with their phones. What the platform would not let them do is refused with the fault `request.refused`. */
export interface Platform {
  createFollower(account: Pick<SandboxAccount, 'appId'>, person: { name: string }): Promise<Follower>;
  follow(openid: string, how?: { entryCode?: string | undefined }): Promise<Begin>;
  unfollow(openid: string): Promise<Begin>;
  say(openid: string, speech: Speech): Promise<Begin>;
  /** Answers the dialog that asks whether the follower wants messages. */
  answerSubscriptions(openid: string, answers: SubscriptionAnswers): Promise<Begin>;
  /** Switches a message off that was agreed to. */
  endSubscription(openid: string, end: SubscriptionEnd): Promise<Begin>;
  changeSettings(openid: string, settings: FollowerSettings): Promise<Follower>;
}

/** What a follower does: how the server is told, what it makes of the follower, and what is seen of it in the chat. `at` is epoch ms. */
interface Doing {
  notice: Notice;
  at: number;
  change?: Partial<FollowerRecord>;
  content?: MessageContent | undefined;
  window?: Step['window'];
  consent?: Pick<Step, 'grants' | 'withdrawn'>;
}

interface PlatformOptions {
  records: Records;
  events: Events;
  courier: Courier;
  /** Where this account's callbacks go; undefined until it is connected. */
  lineOf: (appId: string) => Line | undefined;
  codes: Pick<CodeRecords, 'scannable'>;
  clock: Clock;
  ids: Ids;
  random: Random;
}

export function createPlatform({ records, events, courier, lineOf, codes, clock, ids, random }: PlatformOptions): Platform {
  async function find(openid: string): Promise<FollowerRecord> {
    const follower = await records.findFollower(openid);
    return follower ?? refuseUnknown(openid);
  }

  function connected({ appId }: FollowerRecord): Line {
    return lineOf(appId) ?? refuse('The account has no callback address yet: the server has not connected.');
  }

  /** Keeps a step and sends its callback off. */
  async function begin(follower: FollowerRecord, { notice, at, change, content, window, consent }: Doing): Promise<Begin> {
    const line = connected(follower);
    const { _id: openid, name } = follower;
    const deliveryId = ids<'delivery'>();
    const message = content && lineInChat(openid, content, at, deliveryId);
    const about = { id: deliveryId, openid, followerName: name, sentAt: at };
    const delivery = {
      ...makeDelivery(line.account, notice, about, random),
      ...(message?.delivery && { messageId: message.id }),
      createdAt: clock.now(),
    };
    const guarded = change && { change: { openid, changedAt: follower.changedAt, set: change } };
    const isKept = await records.begin({
      delivery,
      ...(message && { message }),
      ...guarded,
      ...(window && { window }),
      ...consent,
    });
    if (!isKept) refuse(`${name} has just followed or unfollowed.`);
    const now = followerOf({ ...follower, ...change });
    if (change) events.publish('follower', now);
    if (message) events.publish('message', message);
    return { begun: { deliveryId, follower: now, ...(message && { message }) }, done: courier.deliver(delivery, line) };
  }

  /** The ticket of the code that is scanned. One that the account never made is taken for one that somebody drew. */
  async function ticketOf({ appId }: FollowerRecord, scene: string): Promise<string> {
    const code = await codes.scannable(appId, scene, clock.now());
    if (code === 'over') refuse(`The code "${scene}" has expired: the account has to make a new one.`);
    return code === 'none' ? makeMediaId(random) : code._id;
  }

  /** What the follower said waits on its delivery; a line about following does not. */
  function lineInChat(openid: string, content: MessageContent, at: number, deliveryId: string): Message {
    const line = { id: records.nextMessageId(), openid, at, content, deliveryId };
    return content.kind === 'notice' ? { ...line, from: 'system' } : { ...line, from: 'follower', delivery: 'sending' };
  }

  /** Nobody follows twice in a second, and the wire tells seconds alone: two of a follower's changes never bear the same one. */
  function timeOfChange({ changedAt }: FollowerRecord): number {
    return Math.max(clock.now(), (Math.floor(changedAt / 1000) + 1) * 1000);
  }

  return {
    async createFollower({ appId }, person) {
      const name = parse(nameSchema, person.name, 'name');
      const follower = newFollower(appId, name, clock.now(), random);
      await records.addFollower(follower);
      events.publish('follower', followerOf(follower));
      return followerOf(follower);
    },

    async follow(openid, { entryCode } = {}) {
      const code = parse(entryCodeSchema.optional(), entryCode, 'entry code');
      const follower = await find(openid);
      if (follower.isFollowing) refuse(`${follower.name} follows the account already.`);
      const at = timeOfChange(follower);
      const came =
        code === undefined ? { scene: 'ADD_SCENE_SEARCH' as const } : { scene: 'ADD_SCENE_QR_CODE' as const, entryCode: code };
      const change = { isFollowing: true, followedAt: at, changedAt: at, ...came };
      const ticket = code === undefined ? '' : await ticketOf(follower, code);
      const window = allowanceOf(openid, tap, clock.now());
      const content = { kind: 'notice', notice: 'followed' } as const;
      return begin(follower, { notice: followNotice(code, ticket), at, change, content, window });
    },

    async unfollow(openid) {
      const follower = await find(openid);
      if (!follower.isFollowing) refuse(`${follower.name} does not follow the account.`);
      const at = timeOfChange(follower);
      const change = { isFollowing: false, unfollowedAt: at, changedAt: at };
      const content = { kind: 'notice', notice: 'unfollowed' } as const;
      return begin(follower, { notice: unfollowNotice, at, change, content, window: { closes: openid } });
    },

    async say(openid, speech) {
      const words = parseSpeech(speech);
      const follower = await find(openid);
      if (!follower.isFollowing) refuse(`${follower.name} does not follow the account: only followers can send it messages.`);
      const at = clock.now();
      const window = windowOf(openid, words, at);
      const ticket = words.kind === 'scan' ? await ticketOf(follower, words.entryCode) : '';
      return begin(follower, { notice: noticeOf(words, random, ticket), at, content: bubbleOf(words), window });
    },

    async answerSubscriptions(openid, answers) {
      const consent = { grants: grantsOf(openid, answers) };
      return begin(await find(openid), { notice: answeredNotice(answers), at: clock.now(), consent });
    },

    async endSubscription(openid, end) {
      const consent = { withdrawn: [{ openid, ...end }] };
      return begin(await find(openid), { notice: endedNotice(end), at: clock.now(), consent });
    },

    async changeSettings(openid, settings) {
      const changed = (await records.changeSettings(openid, settings)) ?? refuseUnknown(openid);
      events.publish('follower', followerOf(changed));
      return followerOf(changed);
    },
  };
}

/** What a step allows the account to send, and for how long in ms (wechat.md §7). */
const message = { messages: 5, lasts: 48 * 3_600_000 };
const tap = { messages: 3, lasts: 60_000 };

/** An entry of a menu in the chat counts as a tap, though it arrives as a text. Of menu buttons those that tell or scan count alone. */
function windowOf(openid: string, { kind }: Speech, at: number): Step['window'] {
  if (kind === 'menu' || kind === 'menu-scan' || kind === 'scan' || kind === 'choice') return allowanceOf(openid, tap, at);
  return kind.startsWith('menu-') ? undefined : allowanceOf(openid, message, at);
}

function allowanceOf(openid: string, { messages, lasts }: typeof tap, at: number): Step['window'] {
  return { openid, messages, at, endsAt: at + lasts };
}

/** A person who does not follow yet. `createdAt` is epoch ms. */
export function newFollower(appId: string, name: string, createdAt: number, random: Random): FollowerRecord {
  return { _id: makeOpenid(random), appId, name, isFollowing: false, createdAt, changedAt: 0 };
}

/** People who have heard of an account and do not follow it yet: the same ones for each, under ids of that account. */
export function firstFollowersOf(
  { appId }: Pick<SandboxAccount, 'appId'>,
  createdAt: number,
  random: Random,
  names: readonly string[] = firstFollowers,
): FollowerRecord[] {
  return names.map((name, place) => newFollower(appId, name, createdAt + place, random));
}

const firstFollowers = ['林小满', '王一川', '陈可'];

/** The follower as a page sees them. */
export function followerOf({ _id, createdAt: _, changedAt: _changedAt, ...follower }: FollowerRecord): Follower {
  return { openid: _id, ...follower };
}

/** Nobody has this openid. */
export function refuseUnknown(openid: string): never {
  throw fault('request.not-found', `No follower has the openid "${openid.slice(0, 64)}".`);
}

function refuse(why: string): never {
  throw fault('request.refused', why);
}
