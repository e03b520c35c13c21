import { type Database, isDuplicate } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { digestOf } from '../kernel/digest.ts';

/** How much is allowed: at most `limit` in any window of `per` ms, counted from the first of it. */
export interface RateRule {
  readonly limit: number;
  readonly per: number;
  /** How much a process takes at once and then spends from memory; 1 is exact and writes each time. What it does not spend is lost to others until the window ends. */
  readonly share?: number;
}

/** What came of taking one: how much is left and ms until the window ends, or after how many ms it makes sense to try again. */
export type Taken = { ok: true; remaining: number; resetAfter: number } | { ok: false; retryAfter: number };

/** Counts what must not happen too often, across all processes of one database. */
export interface RateBuckets {
  /** Takes one of this key's. One key always goes with one rule. */
  take(key: string, rule: RateRule): Promise<Taken>;
  /** Gives back one that was taken, for what turned out not to count: a right password is no guess. Of exact rules (`share` 1) only. */
  giveBack(key: string): Promise<void>;
  /** Begins a key anew: whoever set the limit says that nothing is taken any more. Of exact rules (`share` 1) only. */
  empty(key: string): Promise<void>;
  /** Forgets windows that are over. */
  prune(): Promise<void>;
}

interface BucketRow {
  /** Digest of the key: addresses and logins that somebody typed are not kept. */
  readonly _id: string;
  readonly taken: number;
  readonly endsAt: number;
}

/** What this process holds of a window: `left` may be spent here; `others` was free for anybody when last seen. */
interface Copy {
  left: number;
  readonly others: number;
  readonly endsAt: number;
}

/** A flood of new keys must not fill the memory: beyond this, copies are dropped, which costs their keys a write and what was left. */
const mostCopies = 20_000;

/** Buckets in this database's collection `rate-buckets`. */
export async function openRateBuckets({ database, clock }: { database: Database; clock: Clock }): Promise<RateBuckets> {
  const rows = database.connection.collection<BucketRow>('rate-buckets');
  await rows.createIndex({ endsAt: 1 });
  const copies = new Map<string, Copy>();
  const refills = new Map<string, Promise<void>>();

  /** Counts up to `wanted` in one write; the row as it was before tells how many of them were still free. */
  async function claim(key: string, wanted: number, { limit, per }: RateRule): Promise<Copy> {
    const now = clock.now();
    const isOver = { $lte: [{ $ifNull: ['$endsAt', 0] }, now] };
    const taken = { $cond: [isOver, Math.min(wanted, limit), { $min: [limit, { $add: ['$taken', wanted] }] }] };
    const change = [{ $set: { taken, endsAt: { $cond: [isOver, now + per, '$endsAt'] } } }];
    const claimOnce = () => rows.findOneAndUpdate({ _id: digestOf(key) }, change, { upsert: true, returnDocument: 'before' });
    // Of two that both find nothing one inserts; the other then finds its row.
    const before = await claimOnce().catch((error: unknown) => {
      if (isDuplicate(error)) return claimOnce();
      throw error;
    });
    const isNew = before === null || before.endsAt <= now;
    const free = isNew ? limit : Math.max(0, limit - before.taken);
    const left = Math.min(wanted, free);
    return { left, others: free - left, endsAt: isNew ? now + per : before.endsAt };
  }

  /** Always asks the database: what was found full may have been given back since. */
  async function takeExactly(key: string, rule: RateRule): Promise<Taken> {
    const { left, others, endsAt } = await claim(key, 1, rule);
    const resetAfter = Math.max(0, endsAt - clock.now());
    return left > 0 ? { ok: true, remaining: others, resetAfter } : { ok: false, retryAfter: resetAfter };
  }

  /** One claim at a time a key: who comes while it runs waits for it, and claims again only if nothing of it is left. */
  function refill(key: string, rule: RateRule): Promise<void> {
    const running = refills.get(key);
    if (running) return running;
    const run = claim(key, Math.max(1, rule.share ?? 1), rule)
      .then((copy) => {
        if (copies.size >= mostCopies) copies.clear();
        copies.set(key, copy);
      })
      .finally(() => refills.delete(key));
    refills.set(key, run);
    return run;
  }

  return {
    async take(key, rule) {
      if ((rule.share ?? 1) === 1) return takeExactly(key, rule);
      for (;;) {
        const copy = copies.get(key);
        const now = clock.now();
        if (copy && copy.endsAt > now) {
          const resetAfter = copy.endsAt - now;
          if (copy.left > 0) return { ok: true, remaining: --copy.left + copy.others, resetAfter };
          // Windows only fill up: what was found full stays full.
          if (copy.others === 0) return { ok: false, retryAfter: resetAfter };
        }
        await refill(key, rule);
      }
    },
    async giveBack(key) {
      await rows.updateOne({ _id: digestOf(key), taken: { $gt: 0 }, endsAt: { $gt: clock.now() } }, { $inc: { taken: -1 } });
    },
    async empty(key) {
      await rows.deleteOne({ _id: digestOf(key) });
    },
    async prune() {
      const now = clock.now();
      for (const [key, { endsAt }] of copies) if (endsAt <= now) copies.delete(key);
      await rows.deleteMany({ endsAt: { $lte: now } });
    },
  };
}
