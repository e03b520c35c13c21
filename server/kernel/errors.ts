interface FaultRule {
  /** HTTP status of the answer. */
  status: number;
  /** May the fault's own words be shown to the caller. */
  shown: boolean;
  /** Is it ours to look at: logged as an error with its stack. */
  reported: boolean;
}

const callersFault = (status: number): FaultRule => ({ status, shown: true, reported: false });
const ourFault = (status: number): FaultRule => ({ status, shown: false, reported: true });

/** Every fault there is. Codes are stable: callers may switch over them. */
const faultRules = {
  'request.malformed': callersFault(400),
  'request.invalid': callersFault(422),
  'request.unauthenticated': callersFault(401),
  'request.forbidden': callersFault(403),
  'request.not-found': callersFault(404),
  'request.method-not-allowed': callersFault(405),
  'request.too-large': callersFault(413),
  'request.unsupported-type': callersFault(415),
  'request.refused': callersFault(409),
  'request.repeated-differently': callersFault(409),
  'request.stale': callersFault(412),
  'request.unconditional': callersFault(428),
  'request.too-many': callersFault(429),
  'session.refused': callersFault(401),
  'session.code-needed': callersFault(401),
  'link.over': callersFault(410),
  'account.incapable': callersFault(409),
  'callback.unsigned': callersFault(401),
  'callback.wrong-signature': callersFault(401),
  'callback.too-old': callersFault(403),
  'callback.wrong-mode': callersFault(400),
  'callback.undecipherable': callersFault(400),
  'callback.foreign-app': callersFault(403),
  'callback.malformed': callersFault(400),
  'server.unavailable': { status: 503, shown: false, reported: true },
  'server.failed': ourFault(500),
  'config.invalid': ourFault(500),
  'server.cannot-start': ourFault(500),
} as const satisfies Record<string, FaultRule>;

export type FaultCode = keyof typeof faultRules;

/** HTTP status of the answer to a fault of this code. */
export const statusOf = (code: FaultCode): number => faultRules[code].status;

/** What is wrong with one field of what was sent: its path (`body.stores.0`), a stable code, and words that say what to do. */
export interface FieldFault {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** What a fault tells beside its words. */
export interface FaultDetails {
  readonly fields?: readonly FieldFault[];
  /** After how many ms it makes sense to try again. */
  readonly retryAfter?: number;
}

/** Something that went wrong and is thrown: its rule says how it is answered and whether it is reported. What a person may run into is a value instead. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly rule: FaultRule;
  readonly details: FaultDetails;

  constructor(code: FaultCode, message: string, options: { cause?: unknown; details?: FaultDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.rule = faultRules[code];
    this.details = options.details ?? {};
  }
}

/** A fault with this code. The message is for whoever has to mend it: it says what is wrong and what to do. */
export function fault(code: FaultCode, message: string, cause?: unknown): Fault {
  return new Fault(code, message, { cause });
}

/** A fault with this code that tells fields or a time to wait. */
export function detailedFault(code: FaultCode, message: string, details: FaultDetails): Fault {
  return new Fault(code, message, { details });
}

/** What a platform answered when it refused a call, from the table of its channel. Never shown as it is: it may hold what we sent. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly channel: string;
  /** The platform's name of the call, such as `cgi-bin/token`. */
  readonly api: string;
  /** The platform's own code; `network` or `malformed` when it gave none. */
  readonly code: number | 'network' | 'malformed';
  /** May it be tried again: no, later, or with a new token. */
  readonly retry: 'no' | 'later' | 'token';
  /** The stable word for the code in the channel's table; undefined for a code that the table does not hold. */
  readonly reason: string | undefined;

  constructor(
    refusal: Pick<PlatformError, 'channel' | 'api' | 'code' | 'retry'> & { readonly reason?: string | undefined },
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.channel = refusal.channel;
    this.api = refusal.api;
    this.code = refusal.code;
    this.retry = refusal.retry;
    this.reason = refusal.reason;
  }
}

/** Any thrown value as a fault: what we did not foresee is `server.failed`, with its cause kept. */
export function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : fault('server.failed', error instanceof Error ? error.message : String(error), error);
}
