import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../server/api/openapi.ts';
import { exampleId, exampleOf, type Schemas } from '../../server/api/reference-schema.ts';
import { apiPrefix } from '../../server/api/route.ts';
import { titles } from '../../server/api/titles.ts';
import { type Signed, type StaffClient, signUp } from '../support/api.ts';
import { type AppStory, startApp } from '../support/app.ts';
import { type Callable, misfits, operationsOf, readDocument } from '../support/operations.ts';

/** What a path, a query or a header may hold that nobody means well with; as it stands on the wire. */
const nastyWords = [
  '%00',
  '%ff%fe',
  '%',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%2e%2e',
  '..%5c..%5cwindows',
  '__proto__',
  'constructor',
  'toString',
  '%0d%0aX-Injected:%20yes',
  '$where',
  '%7B%22$gt%22:%22%22%7D',
  '-1',
  '1e999',
  'NaN',
  '99999999999999999999',
  '%F0%9F%98%80',
  'a'.repeat(3000),
  "'%20OR%201=1--",
  exampleId,
];

const nastyValues = fc.oneof(
  fc.anything({ withNullPrototype: false, withSparseArray: false, maxDepth: 3 }).map(asJson),
  fc.constantFrom<unknown>(
    ...[
      null,
      true,
      -1,
      0,
      1.5,
      2 ** 53 + 2,
      1e308,
      '',
      ' ',
      '\u0000',
      '\ud800',
      '\u202e',
      'x\r\nX-Injected: yes',
      '=HYPERLINK("http://x")',
    ],
    ...['a'.repeat(20_000), { $gt: '' }, { $where: 'sleep(1000)' }, [], {}, [[]], [null], exampleId],
  ),
);

/** A value for this schema: mostly one that fits, with something else here and there. */
function wildOf(schema: JsonSchema, schemas: Schemas, name = ''): fc.Arbitrary<unknown> {
  const known = schema.$ref ? (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? schema) : schema;
  return fc.oneof({ weight: 9, arbitrary: fittingOf(known, schemas, name) }, { weight: 1, arbitrary: nastyValues });
}

function fittingOf(schema: JsonSchema, schemas: Schemas, name: string): fc.Arbitrary<unknown> {
  const { type, properties, required = [], items, enum: values, anyOf, oneOf } = schema;
  const variants = (anyOf ?? oneOf) as JsonSchema[] | undefined;
  if (variants) return fc.oneof(...variants.map((variant) => wildOf(variant, schemas, name)));
  if (values) return fc.constantFrom<unknown>(...values);
  if (type === 'object' && properties) {
    const fields = Object.entries(properties).map(([key, one]) => [key, wildOf(one as JsonSchema, schemas, key)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required });
  }
  if (type === 'array') return fc.array(wildOf((items ?? {}) as JsonSchema, schemas, name), { maxLength: 3 });
  if (type === 'integer' || type === 'number') return fc.oneof(fc.integer(), fc.nat(1000), fc.double({ noNaN: true }));
  if (type === 'boolean') return fc.boolean();
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(exampleOf(schema, schemas, name)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

/** Bodies that are not written by a JSON library. */
const rawBodies = fc.constantFrom(
  '',
  '{',
  '{"name":',
  'null',
  '"text"',
  '[1,2,3]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"name":"a","name":"b","__proto__":{"polluted":true},"role":"owner"}',
  '{"name":1e999}',
  '{"limit":123456789012345678901234567890}',
  `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
  `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`,
  `"${'x'.repeat(70_000)}"`,
  '\ufeff{}',
  '\ud800',
  '<xml/>',
  'name=value&role=owner',
);

const wildHeaderValues: Record<string, fc.Arbitrary<string>> = {
  'If-Match': fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '""', '"-1"', 'x'.repeat(2000)),
  'Idempotency-Key': fc.constantFrom('a', 'b', 'c', 'x'.repeat(201), 'with space', '\t'),
  'Content-Type': fc.constantFrom(
    'application/json',
    'application/json; charset=utf-7',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    ';',
  ),
  'Content-Encoding': fc.constantFrom('gzip', 'identity', 'br'),
  'Accept-Language': fc.constantFrom('en', 'zh', '*', ';;;', 'x'.repeat(500)),
  'X-Request-Id': fc.constantFrom('mine-12345678', '<script>', 'x'.repeat(500)),
  'X-Forwarded-For': fc.constantFrom('203.0.113.1', 'garbage', '::1, 127.0.0.1', ','.repeat(100)),
  Cookie: fc.constantFrom('session=__proto__', 'session=', '__Host-session=x; session=y', ';=;='),
  Origin: fc.constantFrom('null', 'https://evil.example', 'not an origin'),
  Accept: fc.constantFrom('text/html', '*/*', 'image/png;q=x'),
};

/** A header or two that are not as they should be. */
const wildHeaders = fc
  .array(fc.oneof(...Object.entries(wildHeaderValues).map(([name, value]) => value.map((text) => [name, text] as const))), {
    maxLength: 2,
  })
  .map((pairs) => Object.fromEntries(pairs));

interface WildCall {
  name: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string | undefined;
}

describe('the API out of the wild', () => {
  let story: AppStory;
  let people: Signed;
  let operations: Callable[];
  let named: Map<string, Callable>;
  let caller: StaffClient;
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  /** An id of each kind that is there at first, by the name of its parameter. */
  const known: Record<string, string> = {};
  let sent = 0;

  beforeAll(async () => {
    story = await startApp();
    people = await signUp(story);
    operations = operationsOf(await readDocument(story.url));
    named = new Map(operations.map((one) => [one.name, one]));
    caller = await people.join('owner');
    await (await story.follower('小明')).follows();
    const firstOf = async (path: string) => (await caller.get<{ items: { id: string }[] }>(path)).body.items[0]?.id;
    const hook = { name: 'till', url: 'https://example.com/hook' };
    Object.assign(known, {
      accountId: await firstOf('/accounts'),
      memberId: await firstOf('/members'),
      sessionId: await firstOf('/session/all'),
      staffId: (await people.join('clerk')).id,
      keyId: (await people.program(['merchant.read'])).id,
      linkId: (await caller.post<{ link: { id: string } }>('/links', { role: 'clerk', name: '小周' })).body.link.id,
      webhookId: (await caller.post<{ webhook: { id: string } }>('/webhooks', hook)).body.webhook.id,
    });
  });
  afterAll(async () => {
    agent.destroy();
    await story.close();
  });

  const wildCall = (): fc.Arbitrary<WildCall> =>
    fc.constantFrom(...operations).chain((callable) => {
      const parameters = callable.operation.parameters.filter((one) => one.in === 'query').map((one) => one.name);
      const word = fc.oneof(fc.constantFrom(...nastyWords), fc.constantFrom(...Object.values(known)));
      const pair = fc.tuple(
        fc.constantFrom(...parameters, ...parameters, 'unknown', '__proto__', 'limit'),
        fc.oneof(word, fc.nat(300).map(String)),
      );
      const body = callable.body && wildOf(callable.body, callable.schemas).map((value) => JSON.stringify(value));
      return fc.record({
        name: fc.constant(callable.name),
        path: fc.oneof(
          { weight: 2, arbitrary: fc.constant(fill(callable.path, (name) => known[name] ?? name)) },
          word.map((text) => fill(callable.path, () => text)),
        ),
        query: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.array(pair, { maxLength: 4 }).map(asQuery)),
        headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: wildHeaders }),
        body: body
          ? fc.oneof({ weight: 4, arbitrary: body }, rawBodies)
          : fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, rawBodies),
      });
    });

  it('is answered as the document says, never with a 5xx, whatever comes', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(wildCall(), { minLength: 8, maxLength: 8 }), async (calls) => {
        for (const call of calls) {
          const answer = await send(call);
          judge(call, answer);
          const kind = `${call.name} ${answer.status}`;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
          // Among what comes is the caller's own end, and too many calls.
          if (answer.status === 429 || (answer.status === 401 && !isOpen(call.name))) caller = await people.join('owner');
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
    // It was no wall of refusals that all of it ran into.
    const reached = new Set([...seen.keys()].filter((kind) => / 2\d\d$/.test(kind)).map((kind) => kind.replace(/ \d+$/, '')));
    expect(reached.size).toBeGreaterThan(operations.length / 4);
  });

  const isOpen = (name: string) => find(name).operation['x-permission'] === 'anyone';

  function find(name: string): Callable {
    const callable = named.get(name);
    if (!callable) throw new Error(`there is no ${name}`);
    return callable;
  }

  function send({
    name,
    path,
    query,
    headers,
    body,
  }: WildCall): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
    const url = new URL(story.url);
    const callable = find(name);
    const own = {
      // From everywhere: nobody's calls are counted by address.
      'X-Forwarded-For': `198.18.${sent >> 8}.${sent++ & 255}`,
      ...(callable.operation.parameters.some(({ name }) => name === 'If-Match') ? { 'If-Match': '"1"' } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...{ agent, host: url.hostname, port: url.port, method: callable.method, path: apiPrefix + path + query },
          headers: { ...own, ...(isOpen(name) ? {} : caller.headers), ...headers },
        },
        async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  function judge({ name, path }: WildCall, { status, headers, text }: Awaited<ReturnType<typeof send>>) {
    const { operation, schemas } = find(name);
    const told = operation.responses[String(status)];
    const about = `${name} at ${path.slice(0, 100)} answered ${status}: ${text.slice(0, 300)}`;
    expect(status, about).toBeLessThan(500);
    expect(told, about).toBeDefined();
    expect(headers, about).not.toHaveProperty('x-injected');
    if (status >= 400) {
      expect(headers['content-type'], about).toBe('application/problem+json');
      const problem = JSON.parse(text);
      expect(misfits(told?.content?.['application/problem+json']?.schema ?? {}, schemas, problem), about).toEqual([]);
      expect([problem.status, problem.instance], about).toEqual([status, headers['x-request-id']]);
      expect(problem.title, about).toBe(titles[problem.code as keyof typeof titles][headers['content-language'] as 'zh' | 'en']);
      // The body's own codes are told; what stands in the document for this status is one of them.
      expect(told?.description, about).toContain(`\`${problem.code}\``);
    } else {
      for (const header of Object.keys(told?.headers ?? {}).filter((one) => one !== 'Idempotent-Replayed'))
        expect(headers, about).toHaveProperty(header.toLowerCase());
      const schema = told?.content?.['application/json']?.schema;
      if (schema) expect(misfits(schema, schemas, JSON.parse(text)), about).toEqual([]);
      else if (status === 204) expect(text, about).toBe('');
    }
  }
});

const fill = (path: string, wordOf: (name: string) => string): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => wordOf(name));

const asQuery = (pairs: readonly (readonly [string, string])[]): string =>
  `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`;

/** What is left of a value that goes through JSON. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)) ?? 'null');
  } catch {
    return null;
  }
}
