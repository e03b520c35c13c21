import type { Context } from 'koa';
import { z } from 'zod';
import { detailedFault, type FieldFault, fault } from '../kernel/errors.ts';
import { readJson } from '../kernel/json-body.ts';
import { firstValues } from '../kernel/query.ts';
import type { Language } from '../texts/index.ts';
import { sayInChinese } from './field-words.ts';
import type { Route } from './route.ts';

/** What a call sends, as the row's schemas make it, and the body as it came. */
export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly sentBody: unknown;
  /** The version that If-Match names; 0 where the row does not ask for one. */
  readonly version: number;
}

const largestBodyByDefault = 64 * 1024;
const longestMessage = 300;

/** Reads all that the row asks for. Throws one `request.invalid` that names every field that cannot be used, in the caller's language. */
export async function readInput(
  ctx: Context & { params: Record<string, string> },
  route: Route,
  language: Language,
): Promise<Input> {
  const faults: FieldFault[] = [];
  const params = read(route.params, ctx.params, 'path', language, faults);
  const query = read(route.query, firstValues(ctx.querystring), 'query', language, faults);
  const sentBody = await readBody(ctx, route);
  const body = read(route.body, sentBody, 'body', language, faults);
  if (faults.length > 0)
    throw detailedFault('request.invalid', 'The request has fields that cannot be used.', { fields: faults });
  return { params, query, body, sentBody, version: route.isConditional ? versionOf(ctx) : 0 };
}

async function readBody(ctx: Context, route: Route): Promise<unknown> {
  if (route.body) return readJson(ctx.req, route.largestBody ?? largestBodyByDefault);
  const type = ctx.get('content-type');
  // A form of another site always has its own type, also where nothing is filled in.
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD' && type !== '' && !/^application\/json\s*(;|$)/i.test(type))
    throw fault('request.unsupported-type', 'This takes no body; leave Content-Type out.');
  return undefined;
}

function read(
  schema: z.ZodType<unknown> | undefined,
  value: unknown,
  where: string,
  language: Language,
  faults: FieldFault[],
): unknown {
  if (!schema) return undefined;
  const { missing, say } = languages[language];
  const result = schema.safeParse(value, { error: (issue) => (issue.input === undefined ? missing : say(issue)) });
  if (result.success) return result.data;
  for (const { path, code, message } of result.error.issues)
    faults.push({
      path: [where, ...path.map(String)].join('.'),
      code: message === missing ? 'missing' : code,
      // Names that somebody made up are told back: not at any length.
      message: (language === 'zh' ? sayInChinese(message) : message).slice(0, longestMessage),
    });
  return undefined;
}

const languages = {
  zh: { missing: '必填', say: z.locales.zhCN().localeError },
  en: { missing: 'is needed', say: z.locales.en().localeError },
} as const satisfies Record<Language, { missing: string; say: z.core.$ZodErrorMap }>;

function versionOf(ctx: Context): number {
  const header = ctx.get('if-match');
  if (!header)
    throw fault('request.unconditional', 'Send If-Match with the ETag that you read, so that nobody is overwritten unseen.');
  const version = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw fault('request.stale', 'If-Match is none of our ETags: read it anew.');
  return Number(version);
}
