import { z } from 'zod';
import { type FaultCode, statusOf } from '../kernel/errors.ts';
import { callLimits } from './limits.ts';
import { refusalsOf } from './refusals.ts';
import { isKept } from './repeats.ts';
import { type AnswerSpec, apiPrefix, type Route } from './route.ts';
import { titles } from './titles.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Content {
  readonly [mediaType: string]: { readonly schema?: JsonSchema };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  /** Who may: a permission, `staff` for anybody who is signed in, or `anyone`. */
  readonly 'x-permission': string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<
    Record<string, { description: string; headers?: Readonly<Record<string, { $ref: string }>>; content?: Content }>
  >;
}

/** An OpenAPI 3.1 document, as far as ours goes. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly { url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

const problemSchema = z
  .object({
    type: z.string().describe('Where this kind of problem is explained.'),
    title: z.string().describe('What happened, in the language of Accept-Language.'),
    status: z.int(),
    code: z.enum(Object.keys(titles) as [FaultCode, ...FaultCode[]]).describe('Stable: switch over this.'),
    detail: z.string().describe('What is wrong here and what to do.'),
    instance: z.string().describe('Id of the request, also in X-Request-Id.'),
    errors: z
      .array(z.object({ path: z.string(), code: z.string(), message: z.string(), pointer: z.string().optional() }))
      .optional()
      .describe('What cannot be used, field by field.'),
    retryAfter: z.number().optional().describe('After how many ms it makes sense to try again.'),
  })
  .meta({ id: 'Problem' });

/** The document of these rows: what it says is what the dispatcher does, since both read the same. */
export function describeApi(routes: readonly Route[]): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = {};
  const problem = toJson(problemSchema, 'output', schemas);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const operations = paths[route.path] ?? {};
    paths[route.path] = operations;
    operations[route.method.toLowerCase()] = describeRoute(route, problem, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Service Window',
      version: '1',
      description: 'What the console does, and what your programs may do. Times are epoch milliseconds, money is in fen.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: apiPrefix }],
    paths,
    components: { schemas, headers, securitySchemes },
  };
}

function describeRoute(route: Route, problem: JsonSchema, schemas: Record<string, JsonSchema>): Operation {
  const refusals = Map.groupBy(refusalsOf(route), statusOf);
  const answers = Object.entries(route.answers).map(
    ([status, answer]) => [status, describeAnswer(route, answer, schemas)] as const,
  );
  const problems = [...refusals].map(([status, codes]) => [
    String(status),
    {
      description: codes.map((code) => `\`${code}\`: ${titles[code].en}.`).join(' '),
      ...(status === 429 || status === 503 ? { headers: { 'Retry-After': refTo('headers', 'Retry-After') } } : {}),
      content: { 'application/problem+json': { schema: problem } },
    },
  ]);
  return {
    operationId: nameOf(route),
    summary: route.summary,
    tags: [route.path.split(/[/.]/)[1] ?? ''],
    'x-permission': route.allow,
    security: route.allow === 'anyone' ? [] : [{ cookie: [] }, { bearer: [] }],
    parameters: describeParameters(route, schemas),
    ...(route.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: toJson(route.body, 'input', schemas) } } } }
      : {}),
    responses: Object.fromEntries([...answers, ...problems]),
  };
}

function describeAnswer(route: Route, { says, schema, type }: AnswerSpec, schemas: Record<string, JsonSchema>) {
  const body = schema && toJson(schema, 'output', schemas);
  const hasVersion = body !== undefined && 'version' in (resolve(body, schemas).properties ?? {});
  const names = [
    'RateLimit',
    'RateLimit-Policy',
    ...(hasVersion ? ['ETag'] : []),
    ...(isKept(route) ? ['Idempotent-Replayed'] : []),
  ];
  return {
    description: says,
    headers: Object.fromEntries(names.map((name) => [name, refTo('headers', name)])),
    ...(body ? { content: { 'application/json': { schema: body } } } : type ? { content: { [type]: {} } } : {}),
  };
}

function describeParameters(route: Route, schemas: Record<string, JsonSchema>): Parameter[] {
  const named = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const path = propertiesOf(route.params, 'path', schemas);
  if (named.join() !== path.map(({ name }) => name).join())
    throw new Error(`${route.method} ${route.path} has other parameters than its schema`);
  return [
    ...path,
    ...propertiesOf(route.query, 'query', schemas),
    ...(route.isConditional ? [ifMatch] : []),
    ...(isKept(route) ? [idempotencyKey] : []),
  ];
}

function propertiesOf(schema: z.ZodType | undefined, where: 'path' | 'query', schemas: Record<string, JsonSchema>): Parameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = toJson(schema, 'input', schemas);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'object' ? property : {};
    const isRequired = where === 'path' || required.includes(name);
    return { name, in: where, required: isRequired, ...(description ? { description } : {}), schema: rest };
  });
}

/** A schema as JSON Schema. What has an id of its own is described once, among the components. */
function toJson(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const { $defs = {}, ...rest } = JSON.parse(
    JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as JsonSchema;
  for (const [name, part] of Object.entries($defs)) addComponent(name, part as JsonSchema, schemas);
  return rest;
}

function addComponent(name: string, part: JsonSchema, schemas: Record<string, JsonSchema>) {
  const { id: _, ...own } = part;
  const known = schemas[name];
  if (known && JSON.stringify(known) !== JSON.stringify(own)) throw new Error(`Two schemas have the id ${name}`);
  schemas[name] = own;
}

const resolve = (schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): JsonSchema =>
  schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? schema;

const refTo = (kind: 'schemas' | 'headers', name: string) => ({ $ref: `#/components/${kind}/${name}` });

/** `PATCH /staff/{staffId}` → `patchStaffByStaffId`. */
function nameOf({ method, path }: Route): string {
  const words = path
    .replace(/\{(\w+)\}/g, 'by-$1')
    .split(/[^\w]+/)
    .filter(Boolean);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag that you read: refused with 412 when it was changed since.',
  schema: { type: 'string', pattern: '^"\\d{1,15}"$' },
};

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Your name for this request, new for each: sent again within a day it has one effect and gets the same answer.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
};

const header = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });
const headers = {
  ETag: header('The version of what is answered: send it as If-Match to change it.', '"3"'),
  RateLimit: header('Calls left, and seconds until all are back.', '"key";r=1199;t=60'),
  'RateLimit-Policy': header('Calls in a window of so many seconds.', `"key";q=${callLimits.key.limit};w=60`),
  'Retry-After': header('Seconds after which it makes sense to try again.', '30'),
  'Idempotent-Replayed': header('`true`: the stored answer of the first request with this Idempotency-Key.', 'true'),
};

const securitySchemes = {
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'session',
    description: 'What `POST /sessions` sets; over HTTPS it is called `__Host-session`.',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: "An API key (`swk_…`), or the token of a session that was opened with `as: 'bearer'`.",
  },
};
