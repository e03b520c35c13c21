import { describe, expect, it } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { compileProjection, type ProjectionOptions } from '../../../server/database/embedded/project.ts';

const shop = {
  _id: 1,
  name: '湖滨店',
  place: { city: '杭州', street: '东坡路', door: { number: 27 } },
  hours: [
    { day: 1, from: 9, to: 22 },
    { day: 2, from: 10, to: 20 },
    { day: 3, from: 11, to: 18 },
  ],
  tags: ['bread', 'coffee', 'tea'],
};

const project = (spec: Document, options?: ProjectionOptions) => compileProjection(spec, options)(shop);

describe('a projection', () => {
  const cases: [string, Document, Document, ProjectionOptions?][] = [
    ['keeps what is named, and the id', { name: 1 }, { _id: 1, name: '湖滨店' }],
    ['leaves the id out when told to', { name: true, _id: 0 }, { name: '湖滨店' }],
    ['of the id alone keeps nothing else', { _id: 1 }, { _id: 1 }],
    ['keeps a path', { 'place.city': 1 }, { _id: 1, place: { city: '杭州' } }],
    ['reads nested fields as paths', { place: { door: { number: 1 } } }, { _id: 1, place: { door: { number: 27 } } }],
    ['keeps a path in each document of an array', { 'hours.day': 1 }, { _id: 1, hours: [{ day: 1 }, { day: 2 }, { day: 3 }] }],
    ['keeps nothing below a scalar', { 'name.first': 1 }, { _id: 1 }],
    ['keeps no scalars of an array below which it names a field', { 'tags.x': 1 }, { _id: 1, tags: [] }],
    ['drops what is named', { hours: 0, place: 0 }, { _id: 1, name: '湖滨店', tags: shop.tags }],
    [
      'drops a path in each document of an array',
      { name: 0, place: 0, tags: 0, 'hours.from': 0, 'hours.to': 0 },
      { _id: 1, hours: [{ day: 1 }, { day: 2 }, { day: 3 }] },
    ],
    ['keeps the first elements', { name: 0, place: 0, hours: 0, tags: { $slice: 2 } }, { _id: 1, tags: ['bread', 'coffee'] }],
    ['keeps the last elements', { tags: { $slice: -1 }, name: 1 }, { _id: 1, name: '湖滨店', tags: ['tea'] }],
    ['keeps elements from a place on', { _id: 0, name: 1, tags: { $slice: [-2, 1] } }, { name: '湖滨店', tags: ['coffee'] }],
    ['keeps all else beside a slice alone', { tags: { $slice: 1 } }, { ...shop, tags: ['bread'] }],
    ['keeps the first element that matches', { hours: { $elemMatch: { from: { $gt: 9 } } } }, { _id: 1, hours: [shop.hours[1]] }],
    ['keeps no array in which nothing matches', { hours: { $elemMatch: { day: 9 } } }, { _id: 1 }],
    [
      'keeps the element that the filter matched',
      { 'hours.$': 1 },
      { _id: 1, hours: [shop.hours[2]] },
      { filter: { 'hours.day': 3 } },
    ],
    [
      'finds the matched element by $elemMatch and inside $and',
      { 'tags.$': 1 },
      { _id: 1, tags: ['tea'] },
      { filter: { $and: [{ tags: { $elemMatch: { $eq: 'tea' } } }] } },
    ],
    [
      'computes a field behind the others',
      { name: 1, doors: { $add: ['$place.door.number', 1] } },
      { _id: 1, name: '湖滨店', doors: 28 },
    ],
    [
      'computes a field below one',
      { 'place.label': { $concat: ['$place.city', '$place.street'] } },
      { _id: 1, place: { label: '杭州东坡路' } },
    ],
    ['takes texts as expressions', { city: '$place.city' }, { _id: 1, city: '杭州' }],
  ];

  it.each(cases)('%s', (_, spec, expected, options) => {
    const result = project(spec, options);
    expect(result).toEqual(expected);
    expect(Object.keys(result)).toEqual(Object.keys(expected));
  });

  const refusals: [number, Document, ProjectionOptions?][] = [
    [31254, { name: 1, place: 0 }],
    [31253, { name: 0, place: 1 }],
    [31252, { name: 0, city: '$place.city' }],
    [31249, { place: 1, 'place.city': 1 }],
    [31249, { 'place.city': 1, place: 1 }],
    [31395, { 'tags.$': 0 }],
    [31276, { 'tags.$': 1, 'hours.$': 1 }],
    [31275, { 'place.door': { $elemMatch: { a: 1 } } }],
    [28724, { tags: { $slice: [0, 0] } }],
    [28667, { tags: { $slice: 'two' } }],
    [51270, { place: {} }],
    [16410, { 'hours.$.day': 1 }],
    [15998, { 'a..b': 1 }],
    [115, { score: { $meta: 'textScore' } }],
    [51246, { 'tags.$': 1 }, { filter: { name: '湖滨店' } }],
  ];

  it.each(refusals)('is refused with %d: %j', (code, spec, options) => {
    expect(() => project(spec, options)).toThrow(expect.objectContaining({ code }));
  });

  it('takes a field called __proto__ for a field', () => {
    const odd: Document = JSON.parse('{ "_id": 1, "__proto__": { "a": 1 }, "b": 2 }');
    expect(Object.keys(compileProjection({ b: 0 })(odd))).toEqual(['_id', '__proto__']);
  });
});
