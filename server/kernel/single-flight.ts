/** Runs `work` once for all who ask with the same key while it runs; they share its outcome. Afterwards the next one runs it anew. */
export function createSingleFlight<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return function once(key, work) {
    const shared = running.get(key);
    if (shared) return shared;
    const own = work().finally(() => running.delete(key));
    running.set(key, own);
    return own;
  };
}
