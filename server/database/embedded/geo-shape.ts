import { isNumeric, toNumber } from './bson.ts';
import { isDocument } from './document.ts';
import { commandError, shown, unsupported } from './errors.ts';

/** Longitude and latitude in degrees. */
export type Position = readonly [longitude: number, latitude: number];

/** A closed line; the last position is the first. */
export type Ring = readonly Position[];

/** An outer ring and the holes in it. */
export type Polygon = readonly Ring[];

export type Shape = { kind: 'point'; at: Position } | { kind: 'polygons'; polygons: readonly Polygon[] };

/**
 * Reads GeoJSON (RFC 7946): Point, Polygon, MultiPolygon. Error with `code` for what is none or is invalid (open or crossing
 * rings, positions off the globe), 115 for the other types. Edges are straight in longitude and latitude, as the areas of a shop are small.
 */
export function readGeoJson(value: unknown, code: number): Shape {
  if (!isDocument(value)) throw invalid(code, value, 'geometry must be an object');
  const { type, coordinates } = value;
  if (isDocument(value.crs)) throw unsupported('A GeoJSON crs');
  switch (type) {
    case 'Point':
      return { kind: 'point', at: readPosition(coordinates, code) };
    case 'Polygon':
      return { kind: 'polygons', polygons: [readPolygon(coordinates, code)] };
    case 'MultiPolygon':
      return {
        kind: 'polygons',
        polygons: readList(coordinates, code, 'MultiPolygon').map((polygon) => readPolygon(polygon, code)),
      };
    case 'LineString':
    case 'MultiPoint':
    case 'MultiLineString':
    case 'GeometryCollection':
      throw unsupported(`GeoJSON of type ${type}`);
    default:
      throw invalid(code, value, `unknown GeoJSON type: ${shown(type)}`);
  }
}

/** A position in one of the forms from before GeoJSON, `[lng, lat]` or `{ lng, lat }`; undefined for anything else. */
export function legacyPosition(value: unknown): Position | undefined {
  const numbers = Array.isArray(value) ? value : isDocument(value) && !('type' in value) ? Object.values(value) : [];
  const [longitude, latitude] = numbers;
  if (numbers.length !== 2 || !isNumeric(longitude) || !isNumeric(latitude)) return undefined;
  return [toNumber(longitude), toNumber(latitude)];
}

/** Error with `code` for a position that is not on the globe. */
export function checkOnGlobe([longitude, latitude]: Position, code: number): void {
  const isOnGlobe = Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
  if (!isOnGlobe) throw commandError(code, `longitude/latitude is out of bounds, lng: ${longitude} lat: ${latitude}`);
}

function readPosition(value: unknown, code: number): Position {
  const [longitude, latitude] = Array.isArray(value) ? value : [];
  if (!isNumeric(longitude) || !isNumeric(latitude)) throw invalid(code, value, 'Point must be an array of two numbers');
  const position: Position = [toNumber(longitude), toNumber(latitude)];
  checkOnGlobe(position, code);
  return position;
}

function readPolygon(value: unknown, code: number): Polygon {
  const rings = readList(value, code, 'Polygon').map((ring) => readRing(ring, code));
  if (rings.length === 0) throw invalid(code, value, 'Polygon has no loops.');
  return rings;
}

function readRing(value: unknown, code: number): Ring {
  const ring = readList(value, code, 'Loop').map((position) => readPosition(position, code));
  const first = ring[0];
  const last = ring.at(-1);
  if (ring.length < 4 || first === undefined || last === undefined) {
    throw invalid(code, value, 'Loop must have at least 3 different vertices');
  }
  if (first[0] !== last[0] || first[1] !== last[1]) throw invalid(code, value, 'Loop is not closed');
  if (crossesItself(ring)) throw invalid(code, value, 'Loop is not valid: edges cross');
  return ring;
}

function readList(value: unknown, code: number, what: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(code, value, `${what} coordinates must be an array`);
  return value;
}

function invalid(code: number, value: unknown, reason: string): Error {
  return commandError(code, `Can't extract geo keys: ${reason}: ${shown(value)}`);
}

function crossesItself(ring: Ring): boolean {
  const edges = edgesOf(ring);
  return edges.some((edge, index) => edges.slice(index + 1).some((other) => cross(edge, other)));
}

type Edge = readonly [from: Position, to: Position];

/** The edges of a ring. */
export function edgesOf(ring: Ring): Edge[] {
  return ring.slice(1).map((to, index) => [ring[index] ?? to, to]);
}

/** True if two edges cross in a point that is an end of neither. */
export function cross([a, b]: Edge, [c, d]: Edge): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Positive where the point lies left of the line, negative right of it, zero on it. */
export function side(from: Position, to: Position, point: Position): number {
  return (to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0]);
}
