import type { JsonSchema } from './openapi.ts';

export type Schemas = Readonly<Record<string, JsonSchema>>;

/** One field of what is sent or answered, as a row of a table. */
export interface Field {
  /** `items[].name`. */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** What else is known of it. */
  readonly schema: JsonSchema;
}

/** The fields of a schema, those of what it holds below it. */
export function fieldsOf(schema: JsonSchema, schemas: Schemas, prefix = ''): Field[] {
  const { properties = {}, required = [] } = resolve(schema, schemas);
  return Object.entries(properties).flatMap(([name, value]) => {
    const property = value as JsonSchema;
    const path = prefix + name;
    const row: Field = {
      path,
      type: typeOf(property, schemas),
      isRequired: required.includes(name),
      schema: resolve(property, schemas),
    };
    return [row, ...fieldsWithin(property, schemas, path)];
  });
}

function fieldsWithin(schema: JsonSchema, schemas: Schemas, path: string): Field[] {
  const { type, items, additionalProperties } = resolve(schema, schemas);
  if (type === 'object') {
    const inner =
      typeof additionalProperties === 'object' ? fieldsWithin(additionalProperties as JsonSchema, schemas, `${path}.*`) : [];
    return [...fieldsOf(schema, schemas, `${path}.`), ...inner];
  }
  if (type === 'array' && items) return fieldsWithin(items as JsonSchema, schemas, `${path}[]`);
  return [];
}

/** A type in the words of TypeScript. */
export function typeOf(schema: JsonSchema, schemas: Schemas): string {
  const { type, items, enum: values, const: value, anyOf, oneOf, properties, additionalProperties } = resolve(schema, schemas);
  const variants = (anyOf ?? oneOf) as JsonSchema[] | undefined;
  if (variants) return [...new Set(variants.map((variant) => shapeOf(variant, schemas)))].join(' | ');
  if (value !== undefined) return JSON.stringify(value);
  if (values) return values.map((one) => JSON.stringify(one)).join(' | ');
  if (type === 'array') {
    const inner = typeOf((items ?? {}) as JsonSchema, schemas);
    return inner.includes(' ') ? `(${inner})[]` : `${inner}[]`;
  }
  if (type === 'object' && !properties && typeof additionalProperties === 'object')
    return `{ [*]: ${typeOf(additionalProperties as JsonSchema, schemas)} }`;
  return typeof type === 'string' ? type : 'any';
}

/** In a choice between objects their fields are what tells them apart. */
function shapeOf(schema: JsonSchema, schemas: Schemas): string {
  const { type, properties = {}, required = [] } = resolve(schema, schemas);
  if (type !== 'object') return typeOf(schema, schemas);
  const fields = Object.entries(properties).map(
    ([name, property]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(property as JsonSchema, schemas)}`,
  );
  return `{ ${fields.join('; ')} }`;
}

/** Bounds and default of a field. Patterns that say no more than the words around them are left out. */
export function boundsOf(schema: JsonSchema, units: { characters: string; items: string }): string {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern, default: initial } = schema;
  const bounds = [
    range(minLength, maxLength, units.characters),
    range(minItems, maxItems, units.items),
    range(minimum, maximum, ''),
    pattern && pattern.length <= longestPattern && pattern !== idPattern ? `/${pattern}/` : '',
    initial === undefined ? '' : `= ${JSON.stringify(initial)}`,
  ];
  return bounds.filter(Boolean).join(', ');
}

const longestPattern = 32;
const idPattern = '^[0-9a-z]{26}$';
/** Beyond it stands the largest time or number there is, which bounds nothing. */
const largestTold = 1e12;

function range(least: number | undefined, most: number | undefined, unit: string): string {
  const low = least !== undefined && least > -largestTold ? least : undefined;
  const high = most !== undefined && most < largestTold ? most : undefined;
  if (low === undefined && high === undefined) return '';
  const told = high === undefined ? `≥ ${low}` : low === undefined ? `≤ ${high}` : low === high ? `${low}` : `${low}–${high}`;
  return unit ? `${told} ${unit}` : told;
}

/** A body that the schema takes: what must be there, or else the first thing that may be. */
export function exampleOf(schema: JsonSchema, schemas: Schemas, name = ''): unknown {
  const {
    type,
    properties = {},
    required = [],
    items,
    enum: values,
    const: value,
    anyOf,
    oneOf,
    minimum,
    minItems,
    default: initial,
  } = resolve(schema, schemas);
  const [variant] = ((anyOf ?? oneOf) as JsonSchema[] | undefined) ?? [];
  if (variant) return exampleOf(variant, schemas, name);
  if (value !== undefined) return value;
  if (type === 'object') {
    const names = Object.keys(properties);
    const shown = required.length > 0 ? names.filter((one) => required.includes(one)) : names.slice(0, 1);
    return Object.fromEntries(shown.map((one) => [one, exampleOf(properties[one] as JsonSchema, schemas, one)]));
  }
  if (type === 'array') return minItems || items ? [exampleOf(items as JsonSchema, schemas, name)] : [];
  if (values) return values[0];
  if (initial !== undefined) return initial;
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return Math.max(1, minimum ?? 1);
  return examples[name] ?? (name.endsWith('Id') || name.endsWith('Ids') ? exampleId : '…');
}

export const exampleId = '01j2t8k4q3v9m5x7c6b1n0pzr8';

const examples: Readonly<Record<string, string>> = {
  name: '林小麦',
  login: 'lin@example.com',
  password: 'four words nobody guesses',
  present: 'the password until now',
  code: '123456',
  token: 'the-token-of-the-link',
  slug: 'shop',
  zone: 'Asia/Shanghai',
  appId: 'wx0123456789abcdef',
  originalId: 'gh_0123456789ab',
  appSecret: '0123456789abcdef0123456789abcdef',
  url: 'https://example.com/hook',
};

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : { ...schemas[name], ...schema };
}
