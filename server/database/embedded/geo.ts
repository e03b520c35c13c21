import { isNumeric, toNumber } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown } from './errors.ts';
import { EARTH_RADIUS_METERS, haversineMeters, intersect, isWithin, readRegion } from './geo-region.ts';
import { checkOnGlobe, legacyPosition, type Position, readGeoJson, type Shape } from './geo-shape.ts';
import { splitPath } from './key.ts';
import { type Test, valuesAt } from './match-path.ts';

/** What a `$near` or `$nearSphere` asks: distances in metres, or in degrees where `isFlat`. */
export type NearSpec = { path: string; center: Position; isFlat: boolean; minDistance: number; maxDistance: number };

/** The `$near` or `$nearSphere` of a filter (also inside `$and`), undefined if there is none. Error 2 if it is malformed or elsewhere. */
export function findNear(filter: Document): NearSpec | undefined {
  const found = nearIn(filter);
  if (found.length > 1) throw commandError(2, 'Too many geoNear expressions');
  return found[0];
}

/** The distance of the document's nearest point to the centre; Infinity if it has none. Min and max are not applied. */
export function nearDistance(document: Document, near: NearSpec): number {
  return distanceAt(document, splitPath(near.path), near);
}

/** Refuses (16755) a document whose value at the path is no valid Point, Polygon, MultiPolygon or legacy pair; a missing one passes. */
export function checkGeoIndexed(document: Document, path: string): void {
  for (const value of valuesAt(document, splitPath(path))) {
    if (value === undefined || value === null) continue;
    const position = legacyPosition(value);
    if (position !== undefined) checkOnGlobe(position, 16755);
    else if (Array.isArray(value)) for (const item of value) checkIndexedItem(item);
    else readGeoJson(value, 16755);
  }
}

/** The test of `$geoWithin`, `$geoIntersects`, `$near` and `$nearSphere` on one field. Error 2 for a malformed operand. */
export function geoTest(names: readonly string[], operator: string, condition: Document): Test {
  const operand = condition[operator];
  if (operator === '$near' || operator === '$nearSphere') {
    const near = readNear('', operator, condition);
    return (root) => {
      const distance = distanceAt(root, names, near);
      return distance !== Number.POSITIVE_INFINITY && distance >= near.minDistance && distance <= near.maxDistance;
    };
  }
  if (!isDocument(operand)) throw commandError(2, `${operator} must be an object: ${shown(operand)}`);
  if (operator === '$geoWithin') {
    const region = readRegion(operand);
    return (root) => shapesAt(root, names).some((shape) => isWithin(shape, region));
  }
  if (!('$geometry' in operand)) throw commandError(2, `$geoIntersects needs a $geometry: ${shown(operand)}`);
  const other = readGeoJson(operand.$geometry, 2);
  return (root) => shapesAt(root, names).some((shape) => intersect(shape, other));
}

function checkIndexedItem(item: unknown): void {
  const position = legacyPosition(item);
  if (position === undefined) readGeoJson(item, 16755);
  else checkOnGlobe(position, 16755);
}

function nearIn(filter: Document): NearSpec[] {
  return Object.entries(filter).flatMap(([name, condition]) => {
    if (name === '$and' && Array.isArray(condition)) return condition.filter(isDocument).flatMap(nearIn);
    if ((name === '$or' || name === '$nor') && Array.isArray(condition)) {
      if (condition.filter(isDocument).some((clause) => nearIn(clause).length > 0))
        throw commandError(2, 'geo $near must be top-level expr');
      return [];
    }
    if (!isDocument(condition)) return [];
    const operator = '$near' in condition ? '$near' : '$nearSphere';
    return operator in condition ? [readNear(name, operator, condition)] : [];
  });
}

/** Distances come in metres with GeoJSON, in radians with a legacy `$nearSphere`, in degrees with a legacy `$near`. */
function readNear(path: string, operator: string, condition: Document): NearSpec {
  const operand = condition[operator];
  const geometry = isDocument(operand) ? operand.$geometry : undefined;
  if (geometry !== undefined && isDocument(operand)) {
    const shape = readGeoJson(geometry, 2);
    if (shape.kind !== 'point') throw commandError(2, '$near requires a point, given a geometry with an inside');
    return { path, center: shape.at, isFlat: false, ...limits(operand, 1) };
  }
  const center = legacyPosition(operand);
  if (center === undefined) throw commandError(2, `invalid argument in geo near query: ${shown(operand)}`);
  const isFlat = operator === '$near';
  return { path, center, isFlat, ...limits(condition, isFlat ? 1 : EARTH_RADIUS_METERS) };
}

function limits(options: Document, unit: number): Pick<NearSpec, 'minDistance' | 'maxDistance'> {
  return {
    minDistance: limit('$minDistance', options.$minDistance, 0) * unit,
    maxDistance: limit('$maxDistance', options.$maxDistance, Number.POSITIVE_INFINITY) * unit,
  };
}

function limit(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (!isNumeric(value)) throw commandError(2, `${name} must be a number`);
  const number = toNumber(value);
  if (!(number >= 0)) throw commandError(2, `${name} must be non-negative`);
  return number;
}

function distanceAt(root: unknown, names: readonly string[], { center, isFlat }: NearSpec): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const shape of shapesAt(root, names)) {
    if (shape.kind !== 'point') continue;
    const { at } = shape;
    nearest = Math.min(nearest, isFlat ? Math.hypot(at[0] - center[0], at[1] - center[1]) : haversineMeters(at, center));
  }
  return nearest;
}

/** The shapes at a path; what is none is passed over, as a filter may meet documents that no index has checked. */
function shapesAt(root: unknown, names: readonly string[]): Shape[] {
  return valuesAt(root, names).flatMap((value) => {
    const shape = shapeOf(value);
    if (shape !== undefined) return [shape];
    return Array.isArray(value) ? value.map(shapeOf).filter((item) => item !== undefined) : [];
  });
}

function shapeOf(value: unknown): Shape | undefined {
  const position = legacyPosition(value);
  if (position !== undefined) return { kind: 'point', at: position };
  if (!isDocument(value) || !STORED_TYPES.has(value.type)) return undefined;
  try {
    return readGeoJson(value, 2);
  } catch {
    return undefined;
  }
}

const STORED_TYPES = new Set<unknown>(['Point', 'Polygon', 'MultiPolygon']);
