import type { Clock } from '../../kernel/clock.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Knock } from './account.ts';

/** Outcomes of callbacks, written down behind their back. */
export interface KnockBook {
  note(merchantId: Id<'merchant'>, accountId: Id<'account'>, outcome: string): void;
  /** Writes at once what waits for its second to be over. */
  flush(): void;
}

/** What is not written yet of one outcome of one account. */
interface Waiting {
  at: number;
  writtenAt: number;
  /** Sends it before its time; absent when nothing waits. */
  send?: () => void;
}

const shortestPause = 1_000;

/** Notes outcomes and writes each at most once a second an account: the first at once, the last of a burst when its second is over. */
export function createKnockBook({
  clock,
  write,
}: {
  clock: Clock;
  /** Must not reject. */
  write(merchantId: Id<'merchant'>, accountId: Id<'account'>, knock: Knock): void;
}): KnockBook {
  const accounts = new Map<Id<'account'>, Map<string, Waiting>>();

  return {
    note(merchantId, accountId, outcome) {
      const at = clock.now();
      const outcomes = accounts.get(accountId) ?? new Map<string, Waiting>();
      accounts.set(accountId, outcomes);
      const waiting: Waiting = outcomes.get(outcome) ?? { at, writtenAt: Number.NEGATIVE_INFINITY };
      outcomes.set(outcome, waiting);
      waiting.at = at;
      if (waiting.send) return;

      const send = () => {
        waiting.writtenAt = clock.now();
        write(merchantId, accountId, { outcome, at: waiting.at });
      };
      const pause = waiting.writtenAt + shortestPause - at;
      if (pause <= 0) return send();
      const sendWaiting = () => {
        cancel();
        delete waiting.send;
        send();
      };
      const cancel = clock.after(pause, sendWaiting);
      waiting.send = sendWaiting;
    },

    flush() {
      for (const outcomes of accounts.values()) for (const { send } of outcomes.values()) send?.();
    },
  };
}
