import type { Document } from './bson.ts';

/** Longitude and latitude in degrees. */
export type Position = readonly [longitude: number, latitude: number];

/** What a `$near` or `$nearSphere` asks: distances in metres, or in degrees where `isFlat`. */
export type NearSpec = { path: string; center: Position; isFlat: boolean; minDistance: number; maxDistance: number };

/** Metres between two positions on MongoDB's sphere (radius 6,378,100 m). */
export function haversineMeters(_a: Position, _b: Position): number {
  throw new Error('to come');
}

/** The `$near` or `$nearSphere` of a filter (also inside `$and`), undefined if there is none. Error 2 if it is malformed. */
export function findNear(_filter: Document): NearSpec | undefined {
  throw new Error('to come');
}

/** The distance of the document's nearest point to the centre; Infinity if it has none. Min and max are not applied. */
export function nearDistance(_document: Document, _near: NearSpec): number {
  throw new Error('to come');
}

/** Refuses (16755) a document whose value at the path is no valid Point, Polygon, MultiPolygon or legacy pair; a missing one passes. */
export function checkGeoIndexed(_document: Document, _path: string): void {
  throw new Error('to come');
}

/** The positions of the points that the path reaches, for an index over points. */
export function pointsAt(_document: Document, _path: string): Position[] {
  throw new Error('to come');
}

/** The test of `$geoWithin`, `$geoIntersects`, `$near` and `$nearSphere` on one field. */
export function geoTest(_names: readonly string[], _operator: string, _condition: Document): (root: unknown) => boolean {
  throw new Error('to come');
}
