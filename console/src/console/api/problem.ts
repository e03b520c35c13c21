import type { ProblemDetails } from '../../../../server/api/contract.ts';
import { currentLanguage } from '../../shared/preferences.ts';
import { sayField } from '../texts/field-words.ts';

/** A request that was not answered as hoped: the server refused it (`details`), or could not be reached or could not do it now. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The server's stable code; `unreachable` where no answer came that is ours. */
  readonly code: string;
  /** The words for each field that cannot be used, by the field's name in the body: `name`, `traits.kind`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Epoch ms before which trying again is useless. */
  readonly retryAt: number | undefined;
  /** The request's id, for whoever looks it up in the log. */
  readonly requestId: string | undefined;

  constructor(status: number, details: Partial<ProblemDetails> | undefined, options?: ErrorOptions) {
    super(details?.detail ?? '', options);
    this.status = status;
    this.code = details?.code ?? 'unreachable';
    this.fields = fieldsOf(details?.errors ?? []);
    this.retryAt = details?.retryAfter === undefined ? undefined : Date.now() + details.retryAfter;
    this.requestId = details?.instance;
  }
}

/** Any thrown value as a problem; what is none of ours is a fault of the page and keeps its words. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, { code: 'page.failed', detail: String(error) }, { cause: error });
}

function fieldsOf(errors: NonNullable<ProblemDetails['errors']>): Record<string, string> {
  const fields: Record<string, string> = {};
  // `body.name` is the field `name`; of several faults of one field the first is enough.
  for (const { path, code, message } of errors)
    fields[path.replace(/^(body|query|path)\.?/, '')] ??= sayField(currentLanguage(), code, message);
  return fields;
}
