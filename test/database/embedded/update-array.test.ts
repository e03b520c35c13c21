import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equals } from '../../../server/database/embedded/compare.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { applyUpdate } from '../../../server/database/embedded/update.ts';
import { now, refusedWith, updated } from './updating.ts';
import { oddValue } from './values.ts';

describe('arrays', () => {
  test.each<[unknown, Document, unknown]>([
    [[1], { $push: { a: 2 } }, [1, 2]],
    [undefined, { $push: { a: 2 } }, [2]],
    [[1], { $push: { a: [2, 3] } }, [1, [2, 3]]],
    [[1], { $push: { a: { $each: [2, 3] } } }, [1, 2, 3]],
    [[1, 2], { $push: { a: { $each: [9], $position: 0 } } }, [9, 1, 2]],
    [[1, 2], { $push: { a: { $each: [9], $position: -1 } } }, [1, 9, 2]],
    [[1, 2], { $push: { a: { $each: [9], $position: 50 } } }, [1, 2, 9]],
    [[3, 1], { $push: { a: { $each: [2], $sort: 1 } } }, [1, 2, 3]],
    [[3, 1], { $push: { a: { $each: [2], $sort: -1, $slice: 2 } } }, [3, 2]],
    [[3, 1], { $push: { a: { $each: [2], $slice: -2 } } }, [1, 2]],
    [[3, 1], { $push: { a: { $each: [], $slice: 0 } } }, []],
    [undefined, { $push: { a: { $each: [1, 2, 3], $slice: -2 } } }, [2, 3]],
    [
      [{ x: 1, y: 2 }, { x: 0 }],
      { $push: { a: { $each: [{ x: 1, y: 1 }], $sort: { x: 1, y: 1 } } } },
      [{ x: 0 }, { x: 1, y: 1 }, { x: 1, y: 2 }],
    ],
    [[1], { $addToSet: { a: 1 } }, [1]],
    [[1], { $addToSet: { a: { $each: [1, 2, 2] } } }, [1, 2]],
    [undefined, { $addToSet: { a: { $each: [] } } }, []],
    [
      [{ b: 1, c: 2 }],
      { $addToSet: { a: { c: 2, b: 1 } } },
      [
        { b: 1, c: 2 },
        { c: 2, b: 1 },
      ],
    ],
    [[1, 2, 3], { $pop: { a: 1 } }, [1, 2]],
    [[1, 2, 3], { $pop: { a: -1 } }, [2, 3]],
    [[], { $pop: { a: 1 } }, []],
    [[1, 2, 1], { $pull: { a: 1 } }, [2]],
    [[1, 5, 9], { $pull: { a: { $gt: 1, $lt: 9 } } }, [1, 9]],
    [[{ b: 1, c: 1 }, { b: 2 }, 1], { $pull: { a: { b: 1 } } }, [{ b: 2 }, 1]],
    [[{ b: [1, 2] }, { b: [3] }], { $pull: { a: { b: { $elemMatch: { $gt: 2 } } } } }, [{ b: [1, 2] }]],
    [['x', 'yx', 'z'], { $pull: { a: { $regex: 'x' } } }, ['z']],
    [[1, 2, 3], { $pull: { a: { $in: [1, 3] } } }, [2]],
    [[1, 2, 3, 2], { $pullAll: { a: [2, 3] } }, [1]],
  ])('%j by %j is %j', (before, update, after) => {
    expect(updated(before === undefined ? {} : { a: before }, update)).toEqual({ a: after });
  });

  test.each<[Document, Document, number]>([
    [{ a: 5 }, { $push: { a: 1 } }, 2],
    [{ a: null }, { $push: { a: 1 } }, 2],
    [{ a: 5 }, { $addToSet: { a: 1 } }, 2],
    [{ a: 5 }, { $pull: { a: 1 } }, 2],
    [{ a: 5 }, { $pullAll: { a: [1] } }, 2],
    [{ a: 5 }, { $pop: { a: 1 } }, 14],
    [{ a: [1] }, { $pop: { a: 2 } }, 9],
    [{ a: [1] }, { $push: { a: { $each: 1 } } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [1], $foo: 1 } } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [1], $slice: 1.5 } } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [1], $position: 'x' } } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [1], $sort: 2 } } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [1], $sort: {} } } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [1], $sort: { b: 'x' } } } }, 2],
    [{ a: [1] }, { $addToSet: { a: { $each: 1 } } }, 14],
    [{ a: [1] }, { $addToSet: { a: { $each: [1], $slice: 1 } } }, 2],
    [{ a: [1] }, { $pullAll: { a: 1 } }, 2],
    [{ a: [1] }, { $pull: { a: { $foo: 1 } } }, 2],
  ])('%j by %j is refused with %i', (before, update, code) => {
    expect(() => updated(before, update)).toThrow(refusedWith(code));
  });

  test('what is pushed can be pulled again, and is in a set once', () => {
    fc.assert(
      fc.property(fc.array(oddValue, { maxLength: 4 }), oddValue, (items, item) => {
        const context = { isInsert: false, now };
        const pushed = applyUpdate({ a: items }, { $push: { a: { $each: [item] } } }, context);
        expect((pushed.a as unknown[]).length).toBe(items.length + 1);
        const pulled = applyUpdate(pushed, { $pullAll: { a: [item] } }, context);
        expect((pulled.a as unknown[]).some((other) => equals(other, item))).toBe(false);
        const once = applyUpdate(pulled, { $addToSet: { a: { $each: [item, item] } } }, context);
        expect((once.a as unknown[]).filter((other) => equals(other, item)).length).toBe(1);
      }),
    );
  });
});
