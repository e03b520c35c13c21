import { z } from 'zod';
import type { JsonSchema, OpenApiDocument, Operation } from '../../server/api/openapi.ts';
import { exampleOf, type Schemas } from '../../server/api/reference-schema.ts';

/** One operation of the document, with all that is needed to call it. */
export interface Callable {
  /** `PATCH /staff/{staffId}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly body: JsonSchema | undefined;
  readonly schemas: Schemas;
}

/** What the running server says of itself. */
export async function readDocument(url: string): Promise<OpenApiDocument> {
  return (await fetch(`${url}/api/openapi.json`)).json() as Promise<OpenApiDocument>;
}

/** Every operation of the document. */
export function operationsOf({ paths, components }: OpenApiDocument): Callable[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
      body: operation.requestBody?.content['application/json']?.schema,
      schemas: components.schemas,
    })),
  );
}

/** Names of the parameters in paths. */
export const pathNames = ({ path }: Callable): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

/** A request that would be carried out if it were allowed: path filled in, an example as its body. */
export function requestOf(callable: Callable, ids: Readonly<Record<string, string>>): { path: string; init: RequestInit } {
  const { method, path, body, schemas, operation } = callable;
  const hasVersion = operation.parameters.some(({ name }) => name === 'If-Match');
  const headers = { ...(hasVersion ? { 'If-Match': '"1"' } : {}), ...(body ? { 'Content-Type': 'application/json' } : {}) };
  return {
    path: path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name),
    init: { method, headers, ...(body ? { body: JSON.stringify(exampleOf(body, schemas)) } : {}) },
  };
}

const judges = new WeakMap<JsonSchema, z.ZodType>();

/** What a schema of the document has against a value; nothing when it fits. Judged from the document alone. */
export function misfits(schema: JsonSchema, schemas: Schemas, value: unknown): string[] {
  const judge = judges.get(schema) ?? judgeOf(schema, schemas);
  judges.set(schema, judge);
  const { error } = judge.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function judgeOf(schema: JsonSchema, schemas: Schemas): z.ZodType {
  const whole = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('"#/components/schemas/', '"#/$defs/');
  // zod reads patterns without the flag that Unicode's classes need.
  const readable = (name: string, value: unknown) => (name === 'pattern' && String(value).includes('\\p{') ? undefined : value);
  return z.fromJSONSchema(JSON.parse(whole, readable));
}
