import type { Database } from '../database/index.ts';
import { type Clock, sleep, within } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { PersonalOf } from '../kernel/personal.ts';
import { type InboxRow, openInboxRecords, senderNumber } from './inbox-records.ts';
import { grantLease, type Lease } from './lease.ts';

/** What the inbox must know of a message; everything else in it is kept as it is. */
export interface Addressed {
  readonly account: { readonly id: string; readonly merchantId: string; readonly channel: string };
  /** Equal for the platform's repeats of one message, different for any other of the account. */
  readonly key: string;
  /** The follower's id on this account. */
  readonly openid: string;
}

/** How one message was dealt with, for figures. */
export type InboxOutcome = 'answered' | 'repeated' | 'late' | 'failed';

interface InboxOptions<Message extends Addressed, Answer> {
  database: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** Works a message; its effects take `uniqueNumber`, so that working it twice has one effect. Undefined: the message is to be forgotten. */
  work: (message: Message, uniqueNumber: string) => Promise<Answer | undefined>;
  /** Takes an answer that came when the platform no longer waited. Called again, also after a kill, until it has resolved. */
  onLate: (message: Message, answer: Answer, uniqueNumber: string) => Promise<void>;
  observe?: (outcome: InboxOutcome) => void;
}

export interface Inbox<Message extends Addressed, Answer> {
  /**
   * Stores the message before any work, has it worked once across processes, and gives the answer stored with it: to a repeat
   * the same one. Undefined when there is none in time: what comes late goes to `onLate` alone, and no repeat is answered with it.
   * Throws server.unavailable when it could not be stored; never after that.
   */
  once(message: Message, receivedAt: number): Promise<Answer | undefined>;
  /** Works again what was received and never answered, after the platform has given up on it, and hands on late answers that a kill held up; gives how many of both. */
  sweep(): Promise<number>;
  /** Forgets messages whose work ended, or was given up, before this time (epoch ms); gives how many. */
  prune(before: number): Promise<number>;
  /** What people wrote and were answered. Of what is erased the ids stay: its repeats are neither worked nor answered. */
  readonly personal: PersonalOf;
  /** Resolves when no work is under way in this process. */
  idle(): Promise<void>;
}

/** The answer leaves within this time; WeChat hangs up after 5 s (wechat.md §1.2). A lease lasts as long, so that the platform's next try can take over. */
const answerWithin = 4_500;
/** The platform tries three times, 5 s each; before that a repeat is the better way to answer. */
const platformGivesUpAfter = 15_000;
/** Work that goes on after the deadline keeps its lease by renewing it at half this time, for the first time a little before it is over. */
const lateLease = 60_000;
const renewBefore = 500;
/** How often a repeat looks for the answer that another process works on. */
const lookEvery = 100;
const sweptTogether = 100;
/** Work that has not ended by then is taken to hang: its lease is no longer renewed. */
const longestWork = 300_000;
/** A message whose work fails again and again is given up a day after it came. */
const keepTrying = 86_400_000;

/** Somebody to whom the answer is a callback's, until they have gone without. */
interface Waiter {
  isGone: boolean;
}

/** Work under way in this process, and all who waited for it. */
interface Work<Answer> {
  readonly waiters: Waiter[];
  answer: Promise<Answer | undefined>;
}

interface LeasedWork {
  readonly lease: Lease;
  /** Until then the lease lasts by itself. */
  readonly deadline: number;
  readonly waiters: readonly Waiter[];
}

/** The inbox: inbound messages stored before they are worked on, each worked once. */
export async function openInbox<Message extends Addressed, Answer>(
  options: InboxOptions<Message, Answer>,
): Promise<Inbox<Message, Answer>> {
  const { database, clock, ids, log, work, onLate, observe = () => {} } = options;
  const records = await openInboxRecords<Message, Answer>(database);
  const running = new Map<string, Work<Answer>>();

  function newRow(message: Message, receivedAt: number): InboxRow<Message, Answer> {
    const { id: accountId, merchantId } = message.account;
    const _id = `${merchantId}:${accountId}:${message.key}`;
    const lease = grantLease(ids, receivedAt, answerWithin);
    const sender = senderNumber(merchantId, accountId, message.openid);
    return { _id, merchantId, accountId, sender, message: withoutCredentials(message), state: 'received', lease, receivedAt };
  }

  /** Works the message under its lease and stores the answer. Never rejects: what failed stays received and is swept. */
  async function workLeased(message: Message, id: string, work: LeasedWork): Promise<Answer | undefined> {
    const stopRenewing = keepLease(id, work.lease, work.deadline);
    try {
      return await endWork(message, id, work);
    } catch (error) {
      observe('failed');
      log.error({ inboxId: id, error }, 'message.failed');
      return undefined;
    } finally {
      stopRenewing();
    }
  }

  async function endWork(message: Message, id: string, { lease, waiters }: LeasedWork): Promise<Answer | undefined> {
    const answer = await work(message, id);
    const answeredAt = clock.now();
    // The platform's second try may take an answer that came too late for the first.
    const isMissed = () => waiters.every(({ isGone }) => isGone);
    let isLate = isMissed();
    if (!(await records.end({ id, lease, answer, answeredAt, isLate }))) return answerOfOther(id);
    // Who still waited may have gone while it was stored.
    if (!isLate && isMissed()) isLate = await records.markLate(id, answeredAt);
    observe(isLate ? 'late' : 'answered');
    if (!isLate) return answer;
    if (answer !== undefined) await handOn(message, answer, id);
    // Nor to a repeat that has come meanwhile.
    return undefined;
  }

  /** What cannot be handed on now is found again by the sweep. */
  async function handOn(message: Message, answer: Answer, id: string): Promise<void> {
    try {
      await onLate(message, answer, id);
      await records.handedOn(id);
    } catch (error) {
      log.error({ inboxId: id, error }, 'reply.not-handed-on');
    }
  }

  /** Keeps others from taking the row when this process still works on it at the deadline. */
  function keepLease(id: string, lease: Lease, deadline: number): () => void {
    let stop = clock.after(Math.max(0, deadline - renewBefore - clock.now()), renew);
    let isOver = false;
    const givesUpAt = clock.now() + longestWork;
    function renew() {
      if (isOver) return;
      if (clock.now() >= givesUpAt) {
        log.error({ inboxId: id }, 'work.hung');
        return;
      }
      records
        .renew(id, lease, clock.now() + lateLease)
        .catch((error) => log.warn({ inboxId: id, error }, 'lease.failed-to-renew'));
      stop = clock.after(lateLease / 2, renew);
    }
    return () => {
      isOver = true;
      stop();
    };
  }

  async function answerOfOther(id: string): Promise<Answer | undefined> {
    const found = await records.look(id);
    return found.state === 'answered' ? found.answer : undefined;
  }

  /** Starts the work, shared by every repeat that reaches this process meanwhile. */
  function begin(
    message: Message,
    id: string,
    leased: Omit<LeasedWork, 'waiters'>,
    waiters: Waiter[],
  ): Promise<Answer | undefined> {
    const own: Work<Answer> = { waiters, answer: Promise.resolve(undefined) };
    own.answer = workLeased(message, id, { ...leased, waiters }).finally(() => {
      if (running.get(id) === own) running.delete(id);
    });
    running.set(id, own);
    return own.answer;
  }

  /** The answer that this process is working on, now with one more who waits for it. */
  function joinWork(id: string, waiter: Waiter): Promise<Answer | undefined> | undefined {
    const here = running.get(id);
    here?.waiters.push(waiter);
    return here?.answer;
  }

  /** Waits for the answer that somebody else works on; takes the work over if its lease runs out meanwhile. */
  async function answerElsewhere(row: InboxRow<Message, Answer>, deadline: number, waiter: Waiter): Promise<Answer | undefined> {
    while (clock.now() < deadline) {
      const here = joinWork(row._id, waiter);
      if (here) return here;
      const found = await records.look(row._id);
      if (found.state === 'answered') return found.answer;
      if (found.state === 'leased' && found.until <= clock.now() && (await records.takeOver(row._id, row.lease, clock.now()))) {
        return begin(row.message, row._id, { lease: row.lease, deadline }, [waiter]);
      }
      await sleep(clock, lookEvery);
    }
    return undefined;
  }

  return {
    async once(message, receivedAt) {
      const deadline = receivedAt + answerWithin;
      const row = newRow(message, receivedAt);
      const waiter: Waiter = { isGone: false };
      const waitFor = (answer: Promise<Answer | undefined>) =>
        within(clock, deadline - clock.now(), answer, () => {
          waiter.isGone = true;
          return undefined;
        });
      const here = joinWork(row._id, waiter);
      if (here) {
        observe('repeated');
        return waitFor(here);
      }
      // What is stored after this nobody has acknowledged: the platform's next try finds it with its lease over.
      const storing = records.receive(row, clock.now()).catch(refuseUnstored);
      const receipt = await within(clock, deadline - clock.now(), storing, refuseUnstored);
      if (receipt.state === 'answered') {
        observe('repeated');
        return receipt.answer;
      }
      if (receipt.state === 'mine') return waitFor(begin(message, row._id, { lease: row.lease, deadline }, [waiter]));
      return waitFor(
        answerElsewhere(row, deadline, waiter).catch((error) => {
          log.error({ inboxId: row._id, error }, 'message.failed');
          return undefined;
        }),
      );
    },

    async sweep() {
      const now = clock.now();
      const before = now - platformGivesUpAfter + answerWithin;
      const overdue = await records.findOverdue({ before, receivedAfter: now - keepTrying, limit: sweptTogether });
      const swept = await Promise.all(
        overdue.map(async (row) => {
          const lease = grantLease(ids, now, lateLease);
          if (running.has(row._id) || !(await records.takeOver(row._id, lease, now))) return 0;
          // Its time is over already: nobody waits, and whatever comes out is late.
          const answer = begin(row.message, row._id, { lease, deadline: row.receivedAt + answerWithin }, []);
          // One that hangs does not hold up the next sweep.
          await within(clock, lateLease, answer, () => undefined);
          return 1;
        }),
      );
      const untold = await records.findUntold(now - answerWithin, sweptTogether);
      await Promise.all(untold.map(({ _id, message, answer }) => handOn(message, answer, _id)));
      return swept.reduce<number>((sum, one) => sum + one, untold.length);
    },

    prune: (before) => records.prune(before),

    personal: (person) => ({
      room: 'messages',
      async read() {
        const found = await records.findOf(person);
        return found.map(({ message, receivedAt, answer, answeredAt }) => ({ message, receivedAt, answer, answeredAt }));
      },
      erase: async () => (await records.eraseOf(person)) > 0,
    }),

    async idle() {
      await Promise.all([...running.values()].map(({ answer }) => answer));
    },
  };
}

function refuseUnstored(cause?: unknown): never {
  throw fault('server.unavailable', 'the message could not be stored in time', cause);
}

/** A channel may hand in the account that it works with, keys and all; what is stored names it. */
function withoutCredentials<Message extends Addressed>(message: Message): Message {
  const { id, merchantId, channel } = message.account;
  return { ...message, account: { id, merchantId, channel } };
}
