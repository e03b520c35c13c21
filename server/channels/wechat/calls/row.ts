import { z } from 'zod';
import type { Capability } from '../../channel.ts';
import type { ApiAnswer, ApiFile } from '../api.ts';

/** What proves that we may make a call, by the platform's own names of the parameters. */
export type Proof = 'access_token' | 'appid' | 'secret' | 'appsecret';

/** One call of the platform: how what is sent travels, what is answered, and what is known of it in advance. */
export interface CallRow<Sent, Answer> {
  /** A GET with a query, a POST of JSON, or a POST of a file whose other fields stand in the query. */
  readonly way: 'query' | 'json' | 'file';
  /** What the answer holds; fields that it does not name are dropped. */
  readonly answer: z.ZodType<Answer>;
  /** May it answer a file. */
  readonly givesFile: boolean;
  readonly proofs: readonly Proof[];
  /** Sent with every such call. */
  readonly fixed: Readonly<Record<string, string>>;
  /** Does it no harm to make it again when it is not known whether it was worked; or the field by which the platform knows a repeat. */
  readonly mayRepeat: boolean | 'clientmsgid';
  /** Codes that say that it was done before, with the answer of then. */
  readonly doneBefore: readonly number[];
  /** How often the platform lets an account make it, as far as that is known. */
  readonly limits: { readonly day?: number; readonly minute?: number };
  /** What an account has to be able to do for it. */
  readonly needs: Capability | undefined;
  /** The longest answer that is read, in bytes; undefined for the usual. */
  readonly mostBytes: number | undefined;
  /** Never set: it carries the type of what is sent. */
  readonly sent?: Sent;
}

type Traits = Partial<
  Pick<
    CallRow<unknown, unknown>,
    'givesFile' | 'doneBefore' | 'proofs' | 'fixed' | 'mayRepeat' | 'limits' | 'needs' | 'mostBytes'
  >
>;

const usual = {
  givesFile: false,
  proofs: ['access_token'],
  fixed: {},
  doneBefore: [],
  limits: {},
  needs: undefined,
  mostBytes: undefined,
} as const;
/** What a call without anything to send takes. */
export type Nothing = Readonly<Record<never, never>>;

/** A call that reads: a GET, repeated when in doubt. */
export const get =
  <Sent extends object = Nothing>() =>
  <Answer>(answer: z.ZodType<Answer>, traits: Traits = {}): CallRow<Sent, Answer> => ({
    ...usual,
    ...{ way: 'query', answer, mayRepeat: true },
    ...traits,
  });

/** A POST of JSON; not repeated unless its traits say so. */
export const post =
  <Sent extends object = Nothing>() =>
  <Answer>(answer: z.ZodType<Answer>, traits: Traits = {}): CallRow<Sent, Answer> => ({
    ...usual,
    ...{ way: 'json', answer, mayRepeat: false },
    ...traits,
  });

/** A POST of JSON that only reads, or that comes to the same when it is made twice. */
export const ask =
  <Sent extends object = Nothing>() =>
  <Answer>(answer: z.ZodType<Answer>, traits: Traits = {}): CallRow<Sent, Answer> =>
    post<Sent>()(answer, { mayRepeat: true, ...traits });

/** Sends a file up. */
export const upload =
  <Sent extends { readonly media: ApiFile }>() =>
  <Answer>(answer: z.ZodType<Answer>, traits: Traits = {}): CallRow<Sent, Answer> => ({
    ...usual,
    ...{ way: 'file', answer, mayRepeat: false },
    ...traits,
  });

/** The same call, where it answers a file as well as what its schema says. */
export const orFile = <Sent, Answer>(row: CallRow<Sent, Answer>): CallRow<Sent, Answer | ApiFile> => ({
  ...row,
  answer: z.union([file, row.answer]),
  givesFile: true,
});

/** A file that came down; a call that answers nothing else says `givesFile`. */
export const file = z.custom<ApiFile>((value) => (value as ApiFile | ApiAnswer).bytes instanceof Uint8Array);

/** There is nothing in the answer but that it was done. */
export const done = z.object({}).transform(() => undefined);
/** An id of 64 bits, which comes as a number or a text. */
export const longId = z.union([z.string(), z.int()]).transform(String);
