import { refuse } from './row.ts';

type Fields = Readonly<Record<string, unknown>>;
type Refusal = readonly [code: number, message: string];

const badParameter: Refusal = [40035, 'invalid parameter'];

/** A text that is there and not empty; `wrong` is said of all others. */
export function textOf(fields: Fields, name: string, wrong: Refusal = badParameter): string {
  const value = fields[name];
  if (value === undefined || value === null || value === '') refuse('value-missing', ...wrong);
  if (typeof value !== 'string') refuse('value-wrong', ...wrong);
  return value;
}

/** A text that may be missing; null counts as missing. */
export function optionalTextOf(fields: Fields, name: string, wrong: Refusal = badParameter): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuse('value-wrong', ...wrong);
}

/** A whole number, also one that is written as a text of digits, as many SDKs send ids. */
export function wholeNumberOf(fields: Fields, name: string, wrong: Refusal = badParameter): number {
  const value = fields[name];
  if (value === undefined || value === null) refuse('value-missing', ...wrong);
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : refuse('value-wrong', ...wrong);
}

/** A text or a number as text; '' for all others: what they say of themselves is not asked. */
export function writtenOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A list of texts with at least one and at most `most` of them. */
export function textsOf(
  fields: Fields,
  name: string,
  most: number,
  wrong: Refusal = [40032, 'invalid openid list size'],
): string[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length === 0) refuse('value-missing', ...wrong);
  if (value.length > most) refuse('limit-passed', ...wrong);
  return value.every((one) => typeof one === 'string') ? value : refuse('value-wrong', ...wrong);
}

/** A list of objects. */
export function objectsOf(fields: Fields, name: string, wrong: Refusal = badParameter): Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) refuse('value-missing', ...wrong);
  return value.every(isObject) ? value : refuse('value-wrong', ...wrong);
}

/** An object within. */
export function objectOf(fields: Fields, name: string, wrong: Refusal = badParameter): Fields {
  const value = fields[name];
  if (value === undefined || value === null) refuse('value-missing', ...wrong);
  return isObject(value) ? value : refuse('value-wrong', ...wrong);
}

/** Bytes of a text as it travels: how the platform measures names, keys and addresses. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
