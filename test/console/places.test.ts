import { expect, test } from 'vitest';
import { isOnMap, places, pointAt, project, size } from '../../console/src/sandbox/phone/places.ts';

test('every named place lies on the map, and a click on it is that place to some metres', () => {
  for (const place of places) {
    expect(isOnMap(place)).toBe(true);
    const { x, y } = project(place);
    const clicked = pointAt(x / size.width, y / size.height);
    expect(clicked.latitude).toBeCloseTo(place.latitude, 5);
    expect(clicked.longitude).toBeCloseTo(place.longitude, 5);
  }
});

test('north is up and east is right', () => {
  const [corner, opposite] = [pointAt(0, 0), pointAt(1, 1)];
  expect(corner.latitude).toBeGreaterThan(opposite.latitude);
  expect(corner.longitude).toBeLessThan(opposite.longitude);
  expect(isOnMap({ latitude: 39.9, longitude: 116.4 })).toBe(false);
});
