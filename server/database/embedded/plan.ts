import { encode, isNumeric, toNumber } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import { type Document, isDocument } from './document.ts';
import { commandError } from './errors.ts';
import { encodeKey, invertKey } from './key.ts';
import { typeTag } from './key-tag.ts';
import { impliesFilter, type Predicate, type Predicates, predicatesOf } from './predicates.ts';

/** Keys from `low` up to but not including `high`. */
export type Range = readonly [low: Buffer, high: Buffer];

/**
 * How to find candidates. An index only narrows: every candidate is tested again by the matcher, unless `isExact`. `isOrdered`
 * says that candidates come in the order that was asked for.
 */
export type Plan =
  | { kind: 'id'; keys: Buffer[]; isExact: boolean; isOrdered: false }
  | { kind: 'index'; index: Index; ranges: Range[]; isExact: boolean; isOrdered: boolean; isDescending: boolean }
  | { kind: 'scan'; isExact: false; isOrdered: boolean; isDescending: boolean };

export type Query = {
  filter: Document;
  sort?: Document | undefined;
  hint?: unknown;
  /** Indexes that the reader can see; a snapshot lacks those made after it. */
  canUse?: (index: Index) => boolean;
};

/** Chooses a plan. Error 2 for a hint that names no index. */
export function planQuery(collection: Collection, { filter, sort, hint, canUse }: Query): Plan {
  const sortFields = sortFieldsOf(sort);
  const hinted = hint === undefined ? undefined : hintedIndex(collection, hint);
  if (hinted === 'natural' || sortFields?.[0]?.[0] === '$natural') {
    const direction = sortFields?.[0]?.[0] === '$natural' ? sortFields[0][1] : naturalDirection(hint);
    return { kind: 'scan', isExact: false, isOrdered: sortFields?.[0]?.[0] === '$natural', isDescending: direction < 0 };
  }
  const predicates = predicatesOf(filter);
  if (!hinted || hinted === collection.idIndex) {
    const id = predicates.paths.get('_id');
    if (id?.equals) {
      return {
        kind: 'id',
        keys: distinct(id.equals.map(encodeKey)),
        isExact: coversAll(predicates, 1),
        isOrdered: false,
      };
    }
  }
  if (hinted) return planIndex(hinted, predicates, sortFields, true) ?? wholeIndex(hinted);
  let best: ScoredPlan | undefined;
  for (const index of [collection.idIndex, ...collection.indexes]) {
    if (index.hidden || !index.fields.length || canUse?.(index) === false) continue;
    const plan = planIndex(index, predicates, sortFields, false);
    if (plan && (!best || plan.score > best.score)) best = plan;
  }
  return best ?? { kind: 'scan', isExact: false, isOrdered: false, isDescending: false };
}

/** The plan in the words of MongoDB's explain. */
export function explainPlan(plan: Plan | undefined): Document {
  if (!plan) return { stage: 'EOF' };
  if (plan.kind === 'id') return { stage: 'IDHACK' };
  if (plan.kind === 'scan') return { stage: 'COLLSCAN', direction: plan.isDescending ? 'backward' : 'forward' };
  const { index } = plan;
  const inputStage = {
    stage: 'IXSCAN',
    keyPattern: index.spec.key,
    indexName: index.name,
    isMultiKey: index.multikey,
    isUnique: index.unique,
    isSparse: index.sparse,
    isPartial: index.partialFilter !== undefined,
    direction: plan.isDescending ? 'backward' : 'forward',
    ranges: plan.ranges.length,
  };
  return { stage: 'FETCH', inputStage };
}

type ScoredPlan = Extract<Plan, { kind: 'index' }> & { score: number };
type SortField = readonly [path: string, direction: number];

/** A prefix of this many equal values is worth its own ranges; beyond, the index is used up to the field before. */
const MAX_RANGES = 2_000;
/** In an array the index takes a number for a place; a filter takes it also for a field that the elements then mostly lack. */
const NUMBER_IN_PATH = /(^|\.)\d+(\.|$)/;
const AFTER_ALL = Buffer.from([0xff]);
const EMPTY = Buffer.alloc(0);

function planIndex(
  index: Index,
  predicates: Predicates,
  sort: SortField[] | undefined,
  isHinted: boolean,
): ScoredPlan | undefined {
  if (index.partialFilter && !isHinted && !impliesFilter(predicates, index.partialFilter)) return undefined;
  const { prefixes, equal, bounds, hasValue } = rangesOf(index, predicates);
  if (index.sparse && !isHinted && !hasValue) return undefined;
  const order = prefixes.length === 1 && sort && !index.multikey ? orderOf(index, sort, equal) : undefined;
  if (!equal && !bounds && !order) return undefined;
  const isUnique = index.unique && equal === index.fields.length;
  return {
    kind: 'index',
    index,
    ranges: prefixes.map((prefix) =>
      bounds ? [join(prefix, bounds[0]), join(prefix, bounds[1])] : [prefix, join(prefix, AFTER_ALL)],
    ),
    isExact: !bounds && !index.multikey && coversAll(predicates, equal),
    isOrdered: order !== undefined,
    isDescending: order === 'descending',
    score: (isUnique ? 100 : 0) + equal * 10 + (bounds ? 5 : 0) + (order ? 3 : 0) + (index.partialFilter ? 1 : 0),
  };
}

type KeyRanges = { prefixes: Buffer[]; equal: number; bounds: Range | undefined; hasValue: boolean };

/** Equal values of the leading fields, multiplied out, then one range on the field after them. */
function rangesOf(index: Index, predicates: Predicates): KeyRanges {
  const result: KeyRanges = { prefixes: [EMPTY], equal: 0, bounds: undefined, hasValue: false };
  const roots = new Set<string>();
  for (const { path, direction } of index.fields) {
    const predicate = predicates.paths.get(path);
    if (!predicate || (NUMBER_IN_PATH.test(path) && meetsMissing(predicate))) break;
    // Two conditions may be met by different elements of one array, whose keys are never side by side in one entry.
    const root = path.split('.', 1)[0] ?? path;
    if (index.multikey && roots.has(root)) break;
    roots.add(root);
    const values = predicate.equals;
    if (values && values.length * result.prefixes.length <= MAX_RANGES) {
      const keys = distinct(values.map((value) => (direction < 0 ? invertKey(encodeKey(value)) : encodeKey(value))));
      result.prefixes = result.prefixes.flatMap((prefix) => keys.map((key) => join(prefix, key)));
      result.equal++;
      result.hasValue ||= values.every((value) => value !== null);
      continue;
    }
    result.bounds = boundsOf(predicate, direction, index.multikey);
    result.hasValue ||= result.bounds !== undefined;
    break;
  }
  // $in comes in any order; ranges in the order of the index let a reader go through it once.
  if (result.prefixes.length > 1) result.prefixes.sort(Buffer.compare);
  return result;
}

function meetsMissing({ equals, low, high }: Predicate): boolean {
  return equals?.includes(null) || low?.value === null || high?.value === null;
}

/** A range stays inside one type, as MongoDB's comparisons do. In a multikey index each end may be met by another element. */
function boundsOf(predicate: Predicate, direction: 1 | -1, isMultikey: boolean): Range | undefined {
  const { low } = predicate;
  const high = isMultikey && low ? undefined : predicate.high;
  const first = low ?? high;
  if (!first) return undefined;
  const tag = typeTag(first.value);
  if (low && high && typeTag(high.value) !== tag) return boundsOf({ ...predicate, high: undefined }, direction, isMultikey);
  const lowKey = low && encodeKey(low.value);
  const highKey = high && encodeKey(high.value);
  if (direction > 0) {
    return [
      lowKey ? (low.inclusive ? lowKey : join(lowKey, AFTER_ALL)) : Buffer.from([tag]),
      highKey ? (high.inclusive ? join(highKey, AFTER_ALL) : highKey) : Buffer.from([tag + 1]),
    ];
  }
  const lowInverted = lowKey && invertKey(lowKey);
  const highInverted = highKey && invertKey(highKey);
  return [
    highInverted ? (high?.inclusive ? highInverted : join(highInverted, AFTER_ALL)) : Buffer.from([255 - tag]),
    lowInverted ? (low?.inclusive ? join(lowInverted, AFTER_ALL) : lowInverted) : Buffer.from([256 - tag]),
  ];
}

/** Whether the index, after its equal fields, runs in the order of the sort; fields that must equal one value do not matter. */
function orderOf(index: Index, sort: SortField[], equal: number): 'ascending' | 'descending' | undefined {
  const fixed = new Set(index.fields.slice(0, equal).map(({ path }) => path));
  const rest = index.fields.slice(equal);
  const wanted = sort.filter(([path]) => !fixed.has(path));
  let direction: number | undefined;
  for (const [position, [path, wantedDirection]] of wanted.entries()) {
    const field = rest[position];
    if (field?.path !== path) return undefined;
    const relative = field.direction * wantedDirection;
    if (direction !== undefined && relative !== direction) return undefined;
    direction = relative;
  }
  return direction === -1 ? 'descending' : 'ascending';
}

function sortFieldsOf(sort: Document | undefined): SortField[] | undefined {
  const entries = Object.entries(sort ?? {});
  if (!entries.length || entries.some(([, direction]) => !isNumeric(direction))) return undefined;
  return entries.map(([path, direction]) => [path, isNumeric(direction) ? Math.sign(toNumber(direction)) : 1]);
}

function hintedIndex(collection: Collection, hint: unknown): Index | 'natural' | undefined {
  if (isDocument(hint) && '$natural' in hint) return 'natural';
  if (isDocument(hint) && !Object.keys(hint).length) return undefined;
  const found = [collection.idIndex, ...collection.indexes].find((index) =>
    typeof hint === 'string' ? index.name === hint : isDocument(hint) && encode(hint).equals(encode(index.spec.key as Document)),
  );
  if (found?.fields.length && !found.hidden) return found;
  throw commandError(
    2,
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

function naturalDirection(hint: unknown): number {
  const direction = isDocument(hint) ? hint.$natural : 1;
  return isNumeric(direction) ? toNumber(direction) : 1;
}

function wholeIndex(index: Index): Plan {
  return { kind: 'index', index, ranges: [[EMPTY, AFTER_ALL]], isExact: false, isOrdered: false, isDescending: false };
}

/** True if keys of this many paths say all that the filter says. */
function coversAll({ paths, isComplete }: Predicates, equalPaths: number): boolean {
  return isComplete && paths.size === equalPaths && [...paths.values()].every((predicate) => predicate.isWhole);
}

function distinct(keys: Buffer[]): Buffer[] {
  if (keys.length < 2) return keys;
  const byText = new Map(keys.map((key) => [key.toString('latin1'), key]));
  return [...byText.values()];
}

function join(left: Buffer, right: Buffer): Buffer {
  if (!left.length) return right;
  const out = Buffer.allocUnsafe(left.length + right.length);
  out.set(left);
  out.set(right, left.length);
  return out;
}
