import { describe, expect, it } from 'vitest';
import { createCombiner } from '../../server/kernel/combine.ts';

describe('a combiner', () => {
  it('hands over together what comes together, and gives each its own result', async () => {
    const batches: number[][] = [];
    const double = createCombiner<number, number>(10, async (items) => {
      batches.push(items);
      return items.map((item) => ({ value: item * 2 }));
    });
    expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('gathers while a run is under way, and takes no more at once than it may', async () => {
    const batches: number[][] = [];
    const gates: (() => void)[] = [];
    const same = createCombiner<number, number>(2, async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.map((value) => ({ value }));
    });
    const first = same(1);
    await expect.poll(() => gates.length).toBe(1);
    const others = [same(2), same(3), same(4)];
    gates[0]?.();
    await first;
    await expect.poll(() => gates.length).toBe(2);
    gates[1]?.();
    await expect.poll(() => gates.length).toBe(3);
    gates[2]?.();
    expect(await Promise.all(others)).toEqual([2, 3, 4]);
    expect(batches).toEqual([[1], [2, 3], [4]]);
  });

  it('fails one item without the others', async () => {
    const odd = createCombiner<number, number>(10, async (items) =>
      items.map((value) => (value % 2 ? { value } : { error: new Error(`${value} is even`) })),
    );
    const [one, two] = await Promise.allSettled([odd(1), odd(2)]);
    expect(one).toEqual({ status: 'fulfilled', value: 1 });
    expect(two).toMatchObject({ status: 'rejected', reason: { message: '2 is even' } });
  });

  it('fails all of a run that throws or forgets an item, and works on', async () => {
    let isBroken = true;
    const fragile = createCombiner<number, number>(10, async (items) => {
      if (isBroken) throw new Error('broken');
      return items.slice(1).map((value) => ({ value }));
    });
    await expect(Promise.all([fragile(1), fragile(2)])).rejects.toThrow('broken');
    isBroken = false;
    const [first, second] = await Promise.allSettled([fragile(1), fragile(2)]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
  });
});
