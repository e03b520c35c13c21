/** Waits for a place among those who work at once; what it gives frees the place again. */
export type TakeSlot = (owner: string) => Promise<() => void>;

/** At most `most` at once. A free place goes to the owner who holds the fewest, so that one with slow work does not keep the others out. */
export function createSlots(most: number): TakeSlot {
  const held = new Map<string, number>();
  let waiting: { owner: string; begin: () => void }[] = [];
  let taken = 0;

  const heldBy = (owner: string) => held.get(owner) ?? 0;

  function take(owner: string): () => void {
    taken++;
    held.set(owner, heldBy(owner) + 1);
    return () => {
      taken--;
      if (heldBy(owner) > 1) held.set(owner, heldBy(owner) - 1);
      else held.delete(owner);
      const next = waiting.reduce<(typeof waiting)[number] | undefined>(
        (best, one) => (best && heldBy(best.owner) <= heldBy(one.owner) ? best : one),
        undefined,
      );
      waiting = waiting.filter((one) => one !== next);
      next?.begin();
    };
  }

  return (owner) =>
    new Promise((resolve) => {
      const begin = () => resolve(take(owner));
      if (taken < most) begin();
      else waiting.push({ owner, begin });
    });
}
