import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { checkGeoIndexed, findNear, nearDistance } from '../../../server/database/embedded/geo.ts';
import { haversineMeters } from '../../../server/database/embedded/geo-region.ts';
import type { Position } from '../../../server/database/embedded/geo-shape.ts';
import { compileFilter } from '../../../server/database/embedded/match.ts';

const point = (longitude: number, latitude: number): Document => ({ type: 'Point', coordinates: [longitude, latitude] });
const polygon = (...rings: number[][][]): Document => ({ type: 'Polygon', coordinates: rings });
const square = (from: number, to: number): number[][] => [
  [from, from],
  [to, from],
  [to, to],
  [from, to],
  [from, from],
];
const matches = (document: Document, filter: Document): boolean => compileFilter(filter)(document);
const refusedWith = (code: number) => expect.objectContaining({ code });

const guangzhouTower: Position = [113.3191, 23.1066];
const hongKongStar: Position = [114.1686, 22.2938];

describe('distances', () => {
  test.each<[string, Position, Position, number]>([
    ['a degree of the equator', [0, 0], [1, 0], 111_319],
    ['a degree of a meridian', [0, 0], [0, 1], 111_319],
    ['a degree of longitude at 60° north is half of it', [0, 60], [1, 60], 55_659],
    ['across the date line', [179.5, 0], [-179.5, 0], 111_319],
    ['to the other side of the earth', [0, 0], [180, 0], 20_037_392],
    ['from Canton Tower to the Star Ferry in Hong Kong', guangzhouTower, hongKongStar, 125_600],
  ])('%s', (_, from, to, meters) => {
    expect(Math.abs(haversineMeters(from, to) / meters - 1)).toBeLessThan(0.002);
  });

  test('are symmetric, never negative, and zero to the same place', () => {
    const position = fc.tuple(fc.double({ min: -180, max: 180, noNaN: true }), fc.double({ min: -90, max: 90, noNaN: true }));
    fc.assert(
      fc.property(position, position, (a, b) => {
        expect(haversineMeters(a, b)).toBeCloseTo(haversineMeters(b, a), 3);
        expect(haversineMeters(a, b)).toBeGreaterThanOrEqual(0);
        expect(haversineMeters(a, a)).toBe(0);
      }),
    );
  });
});

describe('$near', () => {
  const near = (spec: Document): Document => ({ at: { $near: { $geometry: point(0, 0), ...spec } } });

  test.each<[Document, Document, boolean]>([
    [{ at: point(0.5, 0) }, near({ $maxDistance: 60_000 }), true],
    [{ at: point(0.6, 0) }, near({ $maxDistance: 60_000 }), false],
    [{ at: point(0.5, 0) }, near({ $minDistance: 60_000 }), false],
    [{ at: point(90, 0) }, near({}), true],
    [{}, near({}), false],
    [{ at: 'somewhere' }, near({}), false],
    [{ at: [0.5, 0] }, near({ $maxDistance: 60_000 }), true],
    [{ at: [point(50, 0), point(0.5, 0)] }, near({ $maxDistance: 60_000 }), true],
    [{ at: { lng: 0.5, lat: 0 } }, { at: { $nearSphere: [0, 0], $maxDistance: 0.01 } }, true],
    [{ at: [3, 4] }, { at: { $near: [0, 0], $maxDistance: 5 } }, true],
    [{ at: [3, 4] }, { at: { $near: [0, 0], $maxDistance: 4.9 } }, false],
  ])('%j by %j: %s', (document, filter, isMatch) => expect(matches(document, filter)).toBe(isMatch));

  test('is found in a filter, also under $and, with its distances in metres', () => {
    const filter = { open: true, $and: [{ 'shop.at': { $nearSphere: [1, 2], $maxDistance: 0.5 } }] };
    expect(findNear(filter)).toEqual({ path: 'shop.at', center: [1, 2], isFlat: false, minDistance: 0, maxDistance: 3_189_050 });
    expect(findNear({ open: true })).toBeUndefined();
  });

  test('goes by the nearest point of a document', () => {
    const spec = findNear({ at: { $near: { $geometry: point(0, 0) } } });
    const distance = (document: Document): number => (spec ? nearDistance(document, spec) : Number.NaN);
    expect(distance({ at: [point(2, 0), point(1, 0)] })).toBeCloseTo(haversineMeters([1, 0], [0, 0]));
    expect(distance({ at: polygon(square(0, 1)) })).toBe(Number.POSITIVE_INFINITY);
    expect(distance({})).toBe(Number.POSITIVE_INFINITY);
  });

  test.each<[Document, number]>([
    [{ $near: { $geometry: point(200, 0) } }, 2],
    [{ $near: { $geometry: polygon(square(0, 1)) } }, 2],
    [{ $near: { $geometry: point(0, 0), $maxDistance: -1 } }, 2],
    [{ $near: { $geometry: point(0, 0), $maxDistance: 'far' } }, 2],
    [{ $near: 'here' }, 2],
    [{ $nearSphere: [1] }, 2],
  ])('%j is refused with %i', (condition, code) => {
    expect(() => findNear({ at: condition })).toThrow(refusedWith(code));
  });

  test('is refused twice, and under $or', () => {
    const one = near({});
    expect(() => findNear({ $and: [one, { there: one.at }] })).toThrow(refusedWith(2));
    expect(() => findNear({ $or: [one, { a: 1 }] })).toThrow(refusedWith(2));
  });
});

describe('areas', () => {
  const withHole = polygon(square(0, 10), square(4, 6));

  test.each<[string, Document, Document, boolean]>([
    ['a point inside', point(2, 2), { $geoWithin: { $geometry: withHole } }, true],
    ['a point in the hole', point(5, 5), { $geoWithin: { $geometry: withHole } }, false],
    ['a point outside', point(11, 5), { $geoWithin: { $geometry: withHole } }, false],
    ['a point on the border', point(10, 5), { $geoIntersects: { $geometry: withHole } }, true],
    ['a corner', point(0, 0), { $geoIntersects: { $geometry: withHole } }, true],
    ['a point level with a corner', point(-5, 10), { $geoWithin: { $geometry: withHole } }, false],
    [
      'one of several polygons',
      point(21, 21),
      { $geoWithin: { $geometry: { type: 'MultiPolygon', coordinates: [[square(0, 1)], [square(20, 22)]] } } },
      true,
    ],
    ['a delivery area around the customer', polygon(square(0, 10)), { $geoIntersects: { $geometry: point(3, 3) } }, true],
    ['a delivery area elsewhere', polygon(square(0, 10)), { $geoIntersects: { $geometry: point(13, 3) } }, false],
    ['two areas that overlap', polygon(square(0, 10)), { $geoIntersects: { $geometry: polygon(square(5, 15)) } }, true],
    ['two areas apart', polygon(square(0, 10)), { $geoIntersects: { $geometry: polygon(square(11, 15)) } }, false],
    ['an area in an area', polygon(square(2, 3)), { $geoWithin: { $geometry: polygon(square(0, 10)) } }, true],
    ['an area that sticks out', polygon(square(2, 13)), { $geoWithin: { $geometry: polygon(square(0, 10)) } }, false],
    ['the same point', point(1, 2), { $geoIntersects: { $geometry: point(1, 2) } }, true],
    ['a circle on the globe', point(0.5, 0), { $geoWithin: { $centerSphere: [[0, 0], 0.01] } }, true],
    ['outside of it', point(0.6, 0), { $geoWithin: { $centerSphere: [[0, 0], 0.01] } }, false],
    ['a flat circle', point(3, 4), { $geoWithin: { $center: [[0, 0], 5] } }, true],
    [
      'a box',
      point(3, 4),
      {
        $geoWithin: {
          $box: [
            [0, 0],
            [5, 5],
          ],
        },
      },
      true,
    ],
    [
      'outside of it',
      point(3, 6),
      {
        $geoWithin: {
          $box: [
            [0, 0],
            [5, 5],
          ],
        },
      },
      false,
    ],
    [
      'a flat polygon',
      point(1, 1),
      {
        $geoWithin: {
          $polygon: [
            [0, 0],
            [5, 0],
            [0, 5],
          ],
        },
      },
      true,
    ],
    [
      'outside of it',
      point(4, 4),
      {
        $geoWithin: {
          $polygon: [
            [0, 0],
            [5, 0],
            [0, 5],
          ],
        },
      },
      false,
    ],
  ])('%s', (_, at, condition, isMatch) => {
    expect(matches({ at }, { at: condition })).toBe(isMatch);
    expect(matches({ at }, { at: { $not: condition } })).toBe(!isMatch);
  });

  test.each<[Document, number]>([
    [{ $geoWithin: 5 }, 2],
    [{ $geoWithin: { $foo: 1 } }, 2],
    [{ $geoWithin: { $geometry: point(0, 0) } }, 2],
    [{ $geoWithin: { $centerSphere: [[0, 0], -1] } }, 2],
    [{ $geoWithin: { $centerSphere: [[0], 1] } }, 2],
    [{ $geoWithin: { $box: [[0, 0]] } }, 2],
    [
      {
        $geoWithin: {
          $polygon: [
            [0, 0],
            [1, 1],
          ],
        },
      },
      2,
    ],
    [
      {
        $geoIntersects: {
          $box: [
            [0, 0],
            [1, 1],
          ],
        },
      },
      2,
    ],
    [{ $geoIntersects: { $geometry: { type: 'Sphere', coordinates: [] } } }, 2],
    [
      {
        $geoIntersects: {
          $geometry: {
            type: 'LineString',
            coordinates: [
              [0, 0],
              [1, 1],
            ],
          },
        },
      },
      115,
    ],
  ])('%j is refused with %i', (condition, code) => {
    expect(() => compileFilter({ at: condition })).toThrow(refusedWith(code));
  });
});

describe('a document under a 2dsphere index', () => {
  test.each<[Document]>([
    [{}],
    [{ at: null }],
    [{ at: [] }],
    [{ at: point(113.3, 23.1) }],
    [{ at: [113.3, 23.1] }],
    [{ at: { lng: 113.3, lat: 23.1 } }],
    [{ at: [point(1, 1), [2, 2]] }],
    [{ at: polygon(square(0, 1)) }],
    [{ at: { type: 'MultiPolygon', coordinates: [[square(0, 1)], [square(2, 3)]] } }],
  ])('%j is taken', (document) => {
    expect(() => checkGeoIndexed(document, 'at')).not.toThrow();
  });

  test.each<[string, unknown, number]>([
    ['a type without coordinates', { type: 'Point' }, 16755],
    ['empty coordinates', { type: 'Point', coordinates: [] }, 16755],
    ['text for coordinates', { type: 'Point', coordinates: ['113', '23'] }, 16755],
    ['latitude before longitude', point(23.1, 113.3), 16755],
    ['a legacy pair off the globe', [200, 5], 16755],
    ['text', 'Guangzhou', 16755],
    ['a number', 5, 16755],
    ['an unknown type', { type: 'Dot', coordinates: [1, 1] }, 16755],
    [
      'an open ring',
      polygon([
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ]),
      16755,
    ],
    [
      'a ring of two corners',
      polygon([
        [0, 0],
        [1, 0],
        [0, 0],
      ]),
      16755,
    ],
    [
      'a ring that crosses itself',
      polygon([
        [0, 0],
        [2, 2],
        [2, 0],
        [0, 2],
        [0, 0],
      ]),
      16755,
    ],
    ['a polygon without rings', { type: 'Polygon', coordinates: [] }, 16755],
    ['a list with something else in it', [point(1, 1), 'x'], 16755],
    [
      'a line',
      {
        type: 'LineString',
        coordinates: [
          [0, 0],
          [1, 1],
        ],
      },
      115,
    ],
  ])('%s is refused', (_, at, code) => {
    expect(() => checkGeoIndexed({ at }, 'at')).toThrow(refusedWith(code));
  });
});
