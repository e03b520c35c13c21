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
  'request.forbidden': callersFault(403),
  'request.not-found': callersFault(404),
  'request.method-not-allowed': callersFault(405),
  'request.too-large': callersFault(413),
  'request.unsupported-type': callersFault(415),
  'request.refused': callersFault(409),
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

/** Something that went wrong and is thrown: its rule says how it is answered and whether it is reported. What a person may run into is a value instead. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly rule: FaultRule;

  constructor(code: FaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.rule = faultRules[code];
  }
}

/** A fault with this code. The message is for whoever has to mend it: it says what is wrong and what to do. */
export function fault(code: FaultCode, message: string, cause?: unknown): Fault {
  return new Fault(code, message, cause === undefined ? undefined : { cause });
}

/** Any thrown value as a fault: what we did not foresee is `server.failed`, with its cause kept. */
export function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : fault('server.failed', error instanceof Error ? error.message : String(error), error);
}
