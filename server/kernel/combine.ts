/** Adds one item to the work of its moment; resolves or rejects with this item's own result. */
export type Combine<Item, Result> = (item: Item) => Promise<Result>;

/** Either an item's result or why it failed. */
export type Settled<Result> = { value: Result } | { error: unknown };

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Gathers items that come at the same moment, or while enough writes are under way, and hands them to `run` together, `most` at a time.
 * One caller waits for nobody; many callers share one round trip and one sync. `run` answers in the order of its items. Up to `inFlight`
 * runs are under way at once: more than one only where it does not matter which of two items is done first.
 */
export function createCombiner<Item, Result>(
  most: number,
  run: (items: Item[]) => Promise<Settled<Result>[]>,
  inFlight = 1,
): Combine<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;

  async function drain() {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const results = await run(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, index) => {
          const result = results[index];
          if (result === undefined) reject(new Error('combined work gave no result for an item'));
          else if ('error' in result) reject(result.error);
          else resolve(result.value);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running--;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (running >= inFlight) return;
      running++;
      // After the callbacks of this turn of the event loop, so that requests that arrived together are written together.
      setImmediate(drain);
    });
}
