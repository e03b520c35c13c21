import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import { makeMessageId, type SandboxAccount } from './accounts.ts';
import type { Message, MessageContent, WireRow } from './contract.ts';
import type { Events } from './events.ts';
import { exchange, patience, type Sent } from './exchange.ts';
import type { CallbackFault, Faults } from './faults.ts';
import { createHolds } from './holds.ts';
import { type Judgement, judgeEcho, judgeReply } from './judgement.ts';
import type { DeliveryRecord, Ending, Records } from './records.ts';
import { ruleOf } from './rules.ts';
import { sealMessage, signAddress, signTry } from './sealing.ts';
import { describeTry, type Try, withoutDetail } from './wire-log.ts';

/** Where an account's callbacks go. */
export interface Line {
  readonly account: SandboxAccount;
  readonly url: URL;
}

/** What came of one callback: its tries, and what the follower saw in the end. */
export interface Delivery {
  readonly id: string;
  readonly tries: readonly WireRow[];
  readonly shown: Message | 'nothing' | 'outage';
}

/** Brings callbacks to the server as the platform does. */
export interface Courier {
  /**
   * Delivers one callback that is kept already: three tries at most, five seconds apart. Rejects with the fault `server.unavailable`
   * when the sandbox closes first; the delivery then goes on when its account is connected again.
   */
  deliver(delivery: DeliveryRecord, line: Line): Promise<Delivery>;
  /** Goes on with the deliveries of this account that an earlier run left unended. */
  resume(line: Line): Promise<void>;
  /** Asks whether the server at this address knows the token, as the platform does when an operator saves the address. */
  checkAddress(line: Line): Promise<WireRow>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Begins no more tries; breaks off those under way and waits until they are. */
  close(): Promise<void>;
}

/** In all, the first included (wechat.md §1.2). */
const triesInAll = 3;
/** How the platform's callbacks have long called themselves. */
const userAgent = 'Mozilla/4.0';
const outageText = '该公众号提供的服务出现故障，请稍后再试';

interface CourierOptions {
  records: Records;
  events: Events;
  /** By app id: where callbacks go now. */
  lines: ReadonlyMap<string, Line>;
  faults: Faults;
  /** What the log and the chat go by. */
  clock: Clock;
  /** The machine's clock, by which the wire goes: how long an answer took, how old a signature is. */
  wall: Clock;
  log: Log;
  random: Random;
}

export function createCourier({ records, events, lines, faults, clock, wall, log, random }: CourierOptions): Courier {
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  const holds = createHolds();

  async function runTries(delivery: DeliveryRecord, line: Line, tries: WireRow[]): Promise<Delivery> {
    for (let attempt = delivery.attempts + 1; ; attempt++) {
      if (stopping.signal.aborted) throw closing();
      const begunAt = wall.now();
      await records.beginTry(delivery._id, attempt);
      const one = await tryOnce(delivery, line, attempt);
      const ended = await keepTry(delivery, one, tries);
      if (ended) return ended;
      // A try has its five seconds even if the server failed at once: one that is just starting again gets the next.
      await pause(begunAt + patience - wall.now());
    }
  }

  async function tryOnce(delivery: DeliveryRecord, begunOn: Line, attempt: number): Promise<Try> {
    const { appId, openid } = delivery;
    const struck = faults.ofCallback(delivery.kind);
    if (struck?.fault === 'late') await pause(struck.lasts);
    if (struck?.fault === 'out-of-order') await holds.wait(appId, (overtaken) => pause(struck.lasts, overtaken));
    const startedAt = clock.now();
    const begunAt = wall.now();
    // The owner may have changed the settings since: what is tried again goes by those that hold now.
    const line = lines.get(appId) ?? begunOn;
    const sent = write(delivery, line, begunOn);
    if (struck?.fault === 'twice') watch(sendAgain(delivery, write(delivery, line, begunOn), line, attempt));
    const isLost = struck?.fault === 'lost';
    const answered = isLost ? ({ kind: 'late' } as const) : await exchange(sent, wall, stopping.signal);
    if (answered.kind === 'stopped') throw closing();
    if (struck?.fault !== 'out-of-order') holds.release(appId);
    const outcome = struck?.fault === 'answer-lost' ? ({ kind: 'late' } as const) : answered;
    const judged = await judgeReply(outcome, line.account, openid);
    return {
      sent,
      outcome,
      judgement: withChoice(judged, struck?.fault),
      attempt,
      startedAt,
      milliseconds: wall.now() - begunAt,
    };
  }

  /** The same once more, at the same time. What is answered to it is in the log and changes nothing. */
  async function sendAgain(delivery: DeliveryRecord, sent: Sent, { account }: Line, attempt: number): Promise<void> {
    const startedAt = clock.now();
    const begunAt = wall.now();
    const outcome = await exchange(sent, wall, stopping.signal);
    if (outcome.kind === 'stopped') return;
    const judgement = withChoice(await judgeReply(outcome, account, delivery.openid), 'twice');
    const milliseconds = wall.now() - begunAt;
    const detail = describeTry(records.nextWireId(), delivery, { sent, outcome, judgement, attempt, startedAt, milliseconds });
    await records.endTry(detail);
    events.publish('wire', withoutDetail(detail));
  }

  /** One try's request: the same body each time, under a signature of its own. */
  function write({ openid, decoded, ...delivery }: DeliveryRecord, line: Line, begunOn: Line): Sent {
    const { encrypted, body } = line.account === begunOn.account ? delivery : sealMessage(line.account, decoded, random);
    const url = withQuery(line.url, signTry(line.account, { openid, encrypted, now: wall.now(), random }));
    return { method: 'POST', url, headers: headersOf(body), body };
  }

  /** Keeps a try and tells of it; gives the delivery when this try ended it. */
  async function keepTry(delivery: DeliveryRecord, one: Try, tries: WireRow[]): Promise<Delivery | undefined> {
    const detail = describeTry(records.nextWireId(), delivery, one);
    const ending = endingOf(delivery, one.judgement, one.attempt);
    const line = await records.endTry(detail, ending);
    const row = withoutDetail(detail);
    tries.push(row);
    events.publish('wire', row);
    if (row.verdict === 'refused') log.warn({ delivery: delivery._id, attempt: row.attempt, rule: row.rule }, 'callback.refused');
    if (!ending) return undefined;
    for (const message of [line, ending.shown]) if (message) events.publish('message', message);
    const shown = ending.shown?.content.kind === 'outage' ? 'outage' : (ending.shown ?? 'nothing');
    return { id: delivery._id, tries, shown };
  }

  /** How this judgement ends the delivery; undefined when the callback is sent again. */
  function endingOf(delivery: DeliveryRecord, { rule, content }: Judgement, attempt: number): Ending | undefined {
    const { verdict, isTriedAgain } = ruleOf(rule);
    if (isTriedAgain && attempt < triesInAll) return undefined;
    const isRefused = verdict === 'refused';
    const shown = isRefused ? ({ kind: 'outage', text: outageText } as const) : content;
    return {
      deliveryId: delivery._id,
      messageId: delivery.messageId,
      state: isRefused ? 'failed' : 'answered',
      shown: shown && lineOf(delivery, shown),
    };
  }

  function lineOf({ _id, openid, kind, isQuiet }: DeliveryRecord, content: MessageContent): Message | undefined {
    // Who has left has no chat in which anything could be shown.
    if (kind === 'unsubscribe' || isQuiet) return undefined;
    const from = content.kind === 'outage' ? 'system' : 'account';
    return { id: records.nextMessageId(), openid, at: clock.now(), from, content, deliveryId: _id };
  }

  async function checkAddress({ account, url: address }: Line): Promise<WireRow> {
    const startedAt = clock.now();
    const begunAt = wall.now();
    const echo = String(makeMessageId(random));
    const url = withQuery(address, { ...signAddress(account, begunAt, random), echostr: echo });
    const sent = { method: 'GET', url, headers: { 'user-agent': userAgent }, body: '' } as const;
    const outcome = await exchange(sent, wall, stopping.signal);
    if (outcome.kind === 'stopped') throw closing();
    const judgement = await judgeEcho(outcome, echo);
    const one = { sent, outcome, judgement, attempt: 1, startedAt, milliseconds: wall.now() - begunAt };
    const detail = describeTry(records.nextWireId(), { appId: account.appId, kind: 'echostr' }, one);
    await records.endTry(detail);
    const row = withoutDetail(detail);
    events.publish('wire', row);
    return row;
  }

  /** A try that was begun and of which nothing is known counts as one without an answer. */
  async function goOn(delivery: DeliveryRecord, line: Line): Promise<unknown> {
    const tries = await records.triesOf(delivery._id);
    const { attempts: attempt, body } = delivery;
    if (attempt > 0 && !tries.some((row) => row.attempt === attempt)) {
      const judgement = {
        rule: 'interrupted',
        checks: [{ name: 'in-time', passed: false }],
        why: 'The sandbox stopped while it waited for the answer.',
      } as const;
      const sent = { method: 'POST', url: line.url, headers: headersOf(body), body } as const;
      const one = { sent, judgement, attempt, startedAt: clock.now(), milliseconds: 0 };
      const ended = await keepTry(delivery, one, tries);
      if (ended) return ended;
    }
    return runTries(delivery, line, tries);
  }

  /** Waits so long, unless the sandbox closes or what is waited for happens first. */
  async function pause(delay: number, happened?: Promise<void>): Promise<void> {
    if (delay <= 0) return;
    await new Promise<void>((resolve) => {
      const stopTimer = wall.after(delay, done);
      stopping.signal.addEventListener('abort', done);
      happened?.then(done);
      function done() {
        stopTimer();
        stopping.signal.removeEventListener('abort', done);
        resolve();
      }
    });
    if (stopping.signal.aborted) throw closing();
  }

  function watch<T>(work: Promise<T>): Promise<T> {
    const watched = work.catch((error: unknown) => {
      if (!stopping.signal.aborted) log.error({ error }, 'delivery.failed');
    });
    running.add(watched);
    watched.then(() => running.delete(watched));
    return work;
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  return {
    deliver: (delivery, line) => watch(runTries(delivery, line, [])),

    async resume(line) {
      for (const delivery of await records.unended(line.account.appId)) watch(goOn(delivery, line));
    },

    checkAddress: (line) => watch(checkAddress(line)),

    idle,

    async close() {
      stopping.abort();
      await idle();
    },
  };
}

/** The judgement, which says what was done to the try by choice. */
function withChoice(judgement: Judgement, fault: CallbackFault | undefined): Judgement {
  return fault ? { ...judgement, fault, why: [`By choice: ${fault}.`, judgement.why].filter(Boolean).join(' ') } : judgement;
}

function withQuery(address: URL, query: Record<string, string>): URL {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** The headers of a callback. */
function headersOf(body: string): Record<string, string> {
  return { 'content-type': 'text/xml', 'content-length': String(Buffer.byteLength(body)), 'user-agent': userAgent };
}

function closing() {
  return fault('server.unavailable', 'The sandbox is closing; the delivery goes on when it is opened again.');
}
