import type { Clock } from '../../kernel/clock.ts';
import { PlatformError } from '../../kernel/errors.ts';
import { createSingleFlight } from '../../kernel/single-flight.ts';
import { type Reached, reach } from '../../wire/reach.ts';
import type { AccountCheck, CheckedAccount, CheckStep } from '../channel.ts';
import type { WechatApi } from './api.ts';
import { fetchToken } from './token.ts';

interface CheckOptions {
  api: Pick<WechatApi, 'call'>;
  clock: Clock;
  /** Where the platform reaches us; undefined while nobody has said. Nothing else is ever asked. */
  publicUrl: () => URL | undefined;
}

/**
 * Checks an account step by step, outwards by asking for a token, inwards by our own public address and by what came of the latest
 * callback. Each side's wait is 5 s at most, and both wait at once. Who asks while an account is being checked gets that check.
 */
export function createWechatCheck({ api, clock, publicUrl }: CheckOptions): (account: CheckedAccount) => Promise<AccountCheck> {
  const once = createSingleFlight<AccountCheck>();

  async function check(account: CheckedAccount): Promise<AccountCheck> {
    const startedAt = clock.now();
    const [outwards, inwards] = await Promise.all([checkCalls(account), checkArrivals(account)]);
    return { startedAt, milliseconds: clock.now() - startedAt, steps: [...outwards, ...inwards] };
  }

  async function checkCalls(account: CheckedAccount): Promise<CheckStep[]> {
    const startedAt = clock.now();
    const refusal = await askForToken(account);
    const milliseconds = clock.now() - startedAt;
    const { token, address } = judgeCall(refusal);
    const capabilities = judgeCapabilities(account);
    return named('out', { token: { ...token, milliseconds }, 'address-allowed': address, capabilities });
  }

  async function askForToken({ appId, appSecret }: CheckedAccount): Promise<Refusal | undefined> {
    if (appSecret === undefined) return { reason: 'no-secret' };
    try {
      await fetchToken(api, { appId, appSecret });
      return undefined;
    } catch (error) {
      if (error instanceof PlatformError) return reasonOf(error);
      throw error;
    }
  }

  async function checkArrivals(account: CheckedAccount): Promise<CheckStep[]> {
    const url = publicUrl();
    const startedAt = clock.now();
    const reached = url && (await reach(new URL('/healthz', url), clock));
    const milliseconds = clock.now() - startedAt;
    // Whoever finds no signature of ours was sent by nobody: a stranger who tries addresses.
    const latest = account.knocks.find(
      ({ outcome }) =>
        (outcome.startsWith('callback.') && outcome !== 'callback.unsigned') ||
        !outcome.includes('.') ||
        outcome.startsWith('server.'),
    );
    return named('in', {
      reachable: { ...judgeReach(url, reached, account, latest !== undefined), ...(reached && { milliseconds }) },
      certificate: judgeCertificate(url, reached),
      knocked: latest ? { ...passed, detail: new Date(latest.at).toISOString() } : waiting('nobody-came'),
      ...judgeKnock(latest?.outcome, account),
    });
  }

  return (account) => once(account.id, () => check(account));
}

type Outcome = Omit<CheckStep, 'name' | 'side'>;

const passed: Outcome = { outcome: 'passed' };
const failed = (reason: string, detail?: string): Outcome => ({
  outcome: 'failed',
  reason,
  ...(detail !== undefined && { detail }),
});
const waiting = (reason?: string): Outcome => ({ outcome: 'waiting', ...(reason !== undefined && { reason }) });

/** The steps of one side in their order; what comes after one that failed waits for it. */
function named(side: CheckStep['side'], outcomes: Record<string, Outcome>): CheckStep[] {
  let isHalted = false;
  return Object.entries(outcomes).map(([name, outcome]) => {
    // What an account cannot do is told in any case.
    const step = { name, side, ...(isHalted && name !== 'capabilities' ? waiting() : outcome) };
    isHalted ||= outcome.outcome === 'failed';
    return step;
  });
}

/** Why no token was given, by the platform's code (wechat.md §3.1). */
const tokenReasons: Readonly<Record<string, string>> = {
  40013: 'wrong-app-id',
  40001: 'wrong-secret',
  40125: 'wrong-secret',
  40164: 'address-not-listed',
  40243: 'secret-frozen',
  45009: 'quota-used-up',
  45011: 'too-often',
  network: 'unreachable',
};

interface Refusal {
  readonly reason: string;
  readonly detail?: string;
}

function reasonOf({ code, message }: PlatformError): Refusal {
  const reason = tokenReasons[code] ?? 'refused';
  const address = /invalid ip ([0-9a-f.:]+)/.exec(message)?.[1];
  if (reason === 'address-not-listed') return { reason, ...(address !== undefined && { detail: address }) };
  return reason === 'refused' ? { reason, detail: String(code) } : { reason };
}

function judgeCall(refusal: Refusal | undefined): { token: Outcome; address: Outcome } {
  if (!refusal) return { token: passed, address: passed };
  const halt = failed(refusal.reason, refusal.detail);
  // Nothing is wrong with the credentials that is known of: they are looked at once the address may ask.
  if (refusal.reason === 'address-not-listed') return { token: waiting(refusal.reason), address: halt };
  return { token: halt, address: waiting() };
}

function judgeCapabilities({ capabilities }: CheckedAccount): Outcome {
  const incapable = Object.entries(capabilities).flatMap(([name, { can }]) => (can ? [] : [name]));
  return incapable.length === 0 ? passed : { ...passed, reason: 'limited', detail: incapable.join(', ') };
}

function judgeReach(url: URL | undefined, reached: Reached | undefined, { platform }: CheckedAccount, hasCome: boolean): Outcome {
  if (!url || !reached) return waiting('no-public-url');
  // The real platform calls on the ports 80 and 443 alone.
  if (platform === 'real' && url.port !== '') return failed('wrong-port', url.port);
  if (reached.kind === 'bad-certificate') return passed;
  if (reached.kind === 'answered') {
    if (reached.status === 200 && reached.text === '{"status":"ok"}') return { ...passed, detail: url.host };
    return failed('another-server', `HTTP ${reached.status}`);
  }
  // Many networks do not lead back in to whoever is inside: where the platform has come, the way is there.
  return hasCome ? { ...waiting('not-from-here'), detail: reached.why } : failed('unreachable', reached.why);
}

function judgeCertificate(url: URL | undefined, reached: Reached | undefined): Outcome {
  if (!url || !reached) return waiting();
  if (url.protocol === 'http:') return { ...passed, reason: 'not-encrypted' };
  if (reached.kind === 'bad-certificate') return failed('not-valid', reached.why);
  if (reached.kind === 'unreachable') return waiting();
  const until = reached.certificateUntil;
  return until === undefined ? passed : { ...passed, detail: new Date(until).toISOString() };
}

const knockSteps = ['signature', 'mode', 'decryption', 'answered'] as const;
/** At which step a callback with this outcome halted, and why. */
const halts: Readonly<Record<string, readonly [step: (typeof knockSteps)[number], reason: string]>> = {
  'callback.wrong-signature': ['signature', 'tokens-differ'],
  'callback.too-old': ['signature', 'clocks-differ'],
  'callback.wrong-mode': ['mode', 'modes-differ'],
  'callback.undecipherable': ['decryption', 'keys-differ'],
  'callback.foreign-app': ['decryption', 'foreign-app'],
  'callback.malformed': ['answered', 'malformed'],
};

function judgeKnock(outcome: string | undefined, { mode }: CheckedAccount): Record<(typeof knockSteps)[number], Outcome> {
  const decrypted = mode === 'plain' ? { ...passed, reason: 'plain-mode' } : passed;
  const all = { signature: passed, mode: passed, decryption: decrypted, answered: passed };
  if (outcome === 'answered') return all;
  const none = { signature: waiting(), mode: waiting(), decryption: waiting(), answered: waiting() };
  if (outcome === undefined) return none;
  // The test of an address proves the token alone: it carries nothing that is sealed.
  const later = waiting('no-message-yet');
  if (outcome === 'greeted') return { signature: passed, mode: later, decryption: later, answered: later };
  const [step, reason] = halts[outcome] ?? ['answered', 'server-failed'];
  return { ...all, [step]: failed(reason, step === 'mode' ? mode : undefined) };
}
