import { Long } from 'bson';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { checkUpdate } from '../../../server/database/embedded/update.ts';
import { now, refusedWith, updated } from './updating.ts';

describe('an update by pipeline', () => {
  test.each<[Document, Document[], Document]>([
    [{ _id: 1, a: 2 }, [{ $set: { b: { $add: ['$a', 1] }, c: '$$NOW' } }], { _id: 1, a: 2, b: 3, c: now }],
    [{ _id: 1, a: 2 }, [{ $unset: 'a' }], { _id: 1 }],
    [{ _id: 1, a: { b: 1 } }, [{ $replaceWith: '$a' }, { $set: { c: 2 } }], { _id: 1, b: 1, c: 2 }],
    [{ _id: 1, a: 1, b: 2 }, [{ $project: { b: 1 } }], { _id: 1, b: 2 }],
    [{ _id: 1, a: Long.fromNumber(1) }, [{ $set: { b: '$a' } }], { _id: 1, a: Long.fromNumber(1), b: Long.fromNumber(1) }],
  ])('%j by %j', (before, stages, after) => {
    expect(updated(before, stages)).toEqual(after);
    expect(Object.keys(updated(before, stages))[0]).toBe('_id');
  });

  test('takes no other stage, and one operator a stage', () => {
    expect(() => checkUpdate([{ $match: {} }])).toThrow(refusedWith(72));
    expect(() => checkUpdate([{ $set: { a: 1 }, $unset: 'b' }])).toThrow(refusedWith(40323));
  });

  test('cannot change the id and takes no arrayFilters', () => {
    expect(() => updated({ _id: 1 }, [{ $set: { _id: 2 } }])).toThrow(refusedWith(66));
    expect(() => checkUpdate([{ $set: { a: 1 } }], [{ x: 1 }])).toThrow(refusedWith(9));
  });
});
