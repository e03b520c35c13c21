import mongoose from 'mongoose';
import type { Document } from './format.ts';

const { EJSON } = mongoose.mongo.BSON;

/** The Node driver puts a timeout beside every commit with majority, and says of each update of a bulk write if it inserted. */
const ADDED_BY_DRIVER = new Set(['wtimeout', 'didUpsert']);

/** Gives the entity that a special operator names: a saved result, or the lsid of a session. */
export type Lookup = { entity(name: string): unknown; lsidOf(session: string): unknown };

/**
 * Throws unless `actual` matches `expected` by the rules of the unified test format: documents at the root may have keys that
 * are not expected, those further in may not, and `$$` operators stand for what cannot be written down beforehand.
 */
export function expectMatch(expected: unknown, actual: unknown, lookup: Lookup, path = '', isRoot = true): void {
  const operator = specialOperator(expected);
  if (operator) {
    const [name, value] = operator;
    const check = special[name];
    if (!check) throw new Error(`no operator ${name} at ${path}`);
    check(value, actual, { lookup, path, isRoot });
  } else if (Array.isArray(expected)) matchArray(expected, actual, lookup, path, isRoot);
  else if (isPlain(expected)) matchDocument(expected, plain(actual), lookup, path, isRoot);
  else if (!isSameValue(expected, actual)) fail(path, expected, actual);
}

type Place = { lookup: Lookup; path: string; isRoot: boolean };

const special: Record<string, (value: unknown, actual: unknown, place: Place) => void> = {
  $$exists: (value, actual, { path }) => {
    if ((actual !== undefined) !== value) fail(path, `${value ? 'some' : 'no'} value`, actual);
  },
  $$type: (value, actual, { path }) => {
    if (![value].flat().some((type) => isOfType(String(type), actual))) fail(path, `type ${value}`, actual);
  },
  $$unsetOrMatches: (value, actual, { lookup, path, isRoot }) => {
    if (actual !== undefined && actual !== null) expectMatch(value, actual, lookup, path, isRoot);
  },
  $$matchesEntity: (value, actual, { lookup, path, isRoot }) =>
    expectMatch(lookup.entity(String(value)), actual, lookup, path, isRoot),
  $$matchesHexBytes: (value, actual, { path }) => {
    if (!Buffer.isBuffer(actual) || actual.toString('hex') !== value) fail(path, value, actual);
  },
  $$sessionLsid: (value, actual, { lookup, path }) => {
    if (!isSameValue(lookup.lsidOf(String(value)), actual)) fail(path, `the lsid of ${value}`, actual);
  },
  $$lte: (value, actual, { path }) => {
    if (!(Number(actual) <= Number(value))) fail(path, `at most ${value}`, actual);
  },
};

function matchArray(expected: unknown[], actual: unknown, lookup: Lookup, path: string, isRoot: boolean): void {
  if (!Array.isArray(actual) || actual.length !== expected.length) fail(path, expected, actual);
  // The documents of an array at the root (what find answers) are themselves roots.
  for (const [index, item] of expected.entries()) expectMatch(item, actual[index], lookup, `${path}[${index}]`, isRoot);
}

function matchDocument(expected: Document, actual: unknown, lookup: Lookup, path: string, isRoot: boolean): void {
  if (!isPlain(actual)) fail(path, expected, actual);
  for (const [key, value] of Object.entries(expected)) {
    if (actual[key] === undefined && !specialOperator(value)) fail(`${path}.${key}`, value, undefined);
    expectMatch(value, actual[key], lookup, `${path}.${key}`, false);
  }
  if (isRoot) return;
  for (const [key, value] of Object.entries(actual)) {
    if (value !== undefined && !(key in expected) && !ADDED_BY_DRIVER.has(key)) fail(`${path}.${key}`, undefined, value);
  }
}

const types: Record<string, (value: unknown) => boolean> = {
  int: (value) => Number.isInteger(numberOf(value)),
  long: (value) => bsonType(value) === 'Long' || typeof value === 'bigint' || Number.isInteger(value),
  double: (value) => typeof numberOf(value) === 'number',
  number: (value) => numberOf(value) !== undefined,
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  object: isPlain,
  array: Array.isArray,
  date: (value) => value instanceof Date,
  objectId: (value) => bsonType(value) === 'ObjectId',
  binData: (value) => bsonType(value) === 'Binary',
  timestamp: (value) => bsonType(value) === 'Timestamp',
};

function isOfType(type: string, value: unknown): boolean {
  const check = types[type];
  if (!check) throw new Error(`no type ${type}`);
  return check(value);
}

function specialOperator(expected: unknown): [string, unknown] | undefined {
  if (!isPlain(expected)) return undefined;
  const [entry, ...others] = Object.entries(expected);
  return entry?.[0].startsWith('$$') && others.length === 0 ? entry : undefined;
}

function isSameValue(expected: unknown, actual: unknown): boolean {
  const number = numberOf(expected);
  if (number !== undefined) return number === numberOf(actual);
  return EJSON.stringify(plain(expected)) === EJSON.stringify(plain(actual));
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  return ['Long', 'Int32', 'Double'].includes(bsonType(value)) ? Number(value) : undefined;
}

function bsonType(value: unknown): string {
  return value && typeof value === 'object' && '_bsontype' in value ? String(value._bsontype) : '';
}

function isPlain(value: unknown): value is Document {
  if (!value || typeof value !== 'object' || Array.isArray(value)) return false;
  return !(value instanceof Date) && !(value instanceof RegExp) && !Buffer.isBuffer(value) && bsonType(value) === '';
}

/** The driver reports a sort, and the results of a bulk write, as a Map. */
function plain(value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

function fail(path: string, expected: unknown, actual: unknown): never {
  const show = (value: unknown) => (value === undefined ? 'nothing' : EJSON.stringify(plain(value)).slice(0, 400));
  throw new Error(`at ${path || 'the root'}: expected ${show(expected)}, got ${show(actual)}`);
}
