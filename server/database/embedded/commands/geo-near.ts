import { isNumeric, toNumber } from '../bson.ts';
import type { Collection } from '../catalog.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError } from '../errors.ts';
import { findNear, nearDistance } from '../geo.ts';
import { findRows } from '../read.ts';
import { documentOf } from '../row.ts';
import { type CommandContext, documentField, mismatch, numberField } from './context.ts';

/** `$geoNear`: documents from near to far, each with its distance (metres for a GeoJSON centre) times `distanceMultiplier`. */
export function geoNear(
  context: CommandContext,
  collection: Collection | undefined,
  options: unknown,
  variables: Document | undefined,
): Iterable<Document> {
  if (!isDocument(options)) throw mismatch('$geoNear', 'object', options);
  if (!collection) return [];
  const path = geoPath(collection, options.key);
  const near = findNear({ [path]: nearOperator(options) });
  if (!near) throw commandError(2, '$geoNear requires a near option as an object or a pair');
  const { distanceField } = options;
  if (typeof distanceField !== 'string') throw commandError(16606, "$geoNear requires a 'distanceField' option as a String");
  const multiplier = numberField(options, 'distanceMultiplier') ?? 1;
  const filter = documentField(options, 'query') ?? {};
  if (findNear(filter)) throw commandError(2, '$geoNear: the query must not hold a $near');
  const found = Array.from(findRows(context.view, collection, { filter, variables, deadline: context.deadline }).rows, (row) => {
    const document = documentOf(row);
    return { document, distance: nearDistance(document, near) };
  });
  return found
    .filter(({ distance }) => distance >= near.minDistance && distance <= near.maxDistance && distance !== Infinity)
    .sort((left, right) => left.distance - right.distance)
    .map(({ document, distance }) => withField(document, distanceField.split('.'), distance * multiplier));
}

function nearOperator(options: Document): Document {
  const { near, minDistance, maxDistance } = options;
  const limits = {
    ...(isNumeric(minDistance) && { $minDistance: toNumber(minDistance) }),
    ...(isNumeric(maxDistance) && { $maxDistance: toNumber(maxDistance) }),
  };
  return isDocument(near) ? { $near: { $geometry: near, ...limits } } : { $near: near, ...limits };
}

function geoPath(collection: Collection, key: unknown): string {
  const paths = collection.indexes.flatMap((index) => index.geoPaths);
  if (key !== undefined) {
    if (typeof key === 'string' && paths.includes(key)) return key;
    throw commandError(27, `$geoNear requires a 2dsphere index on '${String(key)}'`);
  }
  const [path] = paths;
  if (path === undefined) throw commandError(27, '$geoNear requires a 2d or 2dsphere index, but none were found');
  if (new Set(paths).size > 1) throw commandError(27, "$geoNear requires a 'key' where there are several geo indexes");
  return path;
}

function withField(document: Document, [name = '', ...rest]: string[], value: unknown): Document {
  if (!rest.length) return { ...document, [name]: value };
  const inner = document[name];
  return { ...document, [name]: withField(isDocument(inner) ? inner : {}, rest, value) };
}
