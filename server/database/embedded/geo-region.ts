import { isNumeric, toNumber } from './bson.ts';
import { commandError, shown } from './errors.ts';
import {
  cross,
  edgesOf,
  legacyPosition,
  type Polygon,
  type Position,
  type Ring,
  readGeoJson,
  type Shape,
  side,
} from './geo-shape.ts';

/** What `$geoWithin` asks about; polygons also bound it by their edges. */
export type Region = { contains: (position: Position) => boolean; polygons: readonly Polygon[] };

/** MongoDB's radius of the earth: https://www.mongodb.com/docs/v8.0/core/indexes/index-types/geospatial/2d/calculate-distances/ */
export const EARTH_RADIUS_METERS = 6_378_100;

/** Metres between two positions on MongoDB's sphere (radius 6,378,100 m). */
export function haversineMeters(a: Position, b: Position): number {
  const latitudes = Math.sin(radians(b[1] - a[1]) / 2) ** 2;
  const longitudes = Math.sin(radians(b[0] - a[0]) / 2) ** 2;
  const chord = latitudes + Math.cos(radians(a[1])) * Math.cos(radians(b[1])) * longitudes;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Reads the operand of `$geoWithin`. Error 2 for a malformed one. */
export function readRegion(operand: Record<string, unknown>): Region {
  const [form] = Object.keys(operand);
  switch (form) {
    case '$geometry':
      return polygonRegion(readGeoJson(operand.$geometry, 2));
    case '$centerSphere':
      return circle(operand.$centerSphere, (center, radius) => (position) => {
        return haversineMeters(center, position) <= radius * EARTH_RADIUS_METERS;
      });
    case '$center':
      return circle(operand.$center, (center, radius) => (position) => {
        return Math.hypot(position[0] - center[0], position[1] - center[1]) <= radius;
      });
    case '$box':
      return box(operand.$box);
    case '$polygon':
      return flatPolygon(operand.$polygon);
    default:
      throw commandError(2, `unknown geo specifier: ${shown(operand)}`);
  }
}

/** True if the shape lies in the region with all its corners and no edge of the one crosses an edge of the other. */
export function isWithin(shape: Shape, region: Region): boolean {
  if (shape.kind === 'point') return region.contains(shape.at);
  return shape.polygons.flat(2).every(region.contains) && !edgesCross(shape.polygons, region.polygons);
}

/** True if the two have a point in common; borders belong to a polygon. */
export function intersect(a: Shape, b: Shape): boolean {
  if (a.kind === 'point' && b.kind === 'point') return a.at[0] === b.at[0] && a.at[1] === b.at[1];
  if (a.kind === 'point') return b.kind === 'polygons' && b.polygons.some((polygon) => isInPolygon(a.at, polygon));
  if (b.kind === 'point') return intersect(b, a);
  return (
    edgesCross(a.polygons, b.polygons) ||
    a.polygons.flat(2).some((corner) => b.polygons.some((polygon) => isInPolygon(corner, polygon))) ||
    b.polygons.flat(2).some((corner) => a.polygons.some((polygon) => isInPolygon(corner, polygon)))
  );
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

function polygonRegion(shape: Shape): Region {
  if (shape.kind === 'point') throw commandError(2, '$geoWithin not supported with provided geometry: a Point has no inside');
  const { polygons } = shape;
  return { contains: (position) => polygons.some((polygon) => isInPolygon(position, polygon)), polygons };
}

function circle(operand: unknown, test: (center: Position, radius: number) => Region['contains']): Region {
  const [center, radius] = Array.isArray(operand) ? operand : [];
  const position = legacyPosition(center);
  if (position === undefined) throw commandError(2, `Point must be an array or object: ${shown(center)}`);
  if (!isNumeric(radius) || !(toNumber(radius) >= 0)) throw commandError(2, 'radius must be a non-negative number');
  return { contains: test(position, toNumber(radius)), polygons: [] };
}

function box(operand: unknown): Region {
  const [one, other] = Array.isArray(operand) ? operand.map(legacyPosition) : [];
  if (one === undefined || other === undefined) throw commandError(2, `Box must be an array of two points: ${shown(operand)}`);
  const isBetween = (value: number, a: number, b: number): boolean => value >= Math.min(a, b) && value <= Math.max(a, b);
  return { contains: ([x, y]) => isBetween(x, one[0], other[0]) && isBetween(y, one[1], other[1]), polygons: [] };
}

function flatPolygon(operand: unknown): Region {
  const corners = Array.isArray(operand) ? operand.map(legacyPosition).filter((corner) => corner !== undefined) : [];
  const [first] = corners;
  const isComplete = Array.isArray(operand) && corners.length === operand.length && corners.length >= 3;
  if (first === undefined || !isComplete) throw commandError(2, 'Polygon must have at least 3 points');
  const polygon = [[...corners, first]];
  return { contains: (position) => isInPolygon(position, polygon), polygons: [polygon] };
}

function isInPolygon(position: Position, [outer, ...holes]: Polygon): boolean {
  if (outer === undefined || !isInRing(position, outer)) return false;
  return !holes.some((hole) => isInRing(position, hole) && !isOnRing(position, hole));
}

/** Counts the edges to the right of the position: inside it is odd. Which edge a corner counts for does not matter, as the border is inside. */
function isInRing(position: Position, ring: Ring): boolean {
  if (isOnRing(position, ring)) return true;
  const [x, y] = position;
  const crossed = edgesOf(ring).filter(([from, to]) => {
    if (from[1] > y === to[1] > y) return false;
    return x < from[0] + ((to[0] - from[0]) * (y - from[1])) / (to[1] - from[1]);
  });
  return crossed.length % 2 === 1;
}

function isOnRing(position: Position, ring: Ring): boolean {
  return edgesOf(ring).some(([from, to]) => {
    const isBeside = position[0] < Math.min(from[0], to[0]) || position[0] > Math.max(from[0], to[0]);
    const isAbove = position[1] < Math.min(from[1], to[1]) || position[1] > Math.max(from[1], to[1]);
    return !isBeside && !isAbove && side(from, to, position) === 0;
  });
}

function edgesCross(a: readonly Polygon[], b: readonly Polygon[]): boolean {
  const edges = a.flat().flatMap(edgesOf);
  const others = b.flat().flatMap(edgesOf);
  return edges.some((edge) => others.some((other) => cross(edge, other)));
}
