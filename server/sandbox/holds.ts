/** Tries that wait until another one of their account has overtaken them. */
export function createHolds() {
  const held = new Map<string, Set<() => void>>();
  return {
    /** Waits until `release`, or until `until` gives up. */
    async wait(appId: string, until: (overtaken: Promise<void>) => Promise<void>): Promise<void> {
      const waiting = held.get(appId) ?? new Set();
      held.set(appId, waiting);
      let free = () => {};
      const overtaken = new Promise<void>((resolve) => {
        free = resolve;
      });
      waiting.add(free);
      try {
        await until(overtaken);
      } finally {
        waiting.delete(free);
      }
    },
    release(appId: string): void {
      for (const free of held.get(appId) ?? []) free();
    },
  };
}
