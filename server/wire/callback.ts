/** A callback as it came over HTTP: nothing in it is trusted yet. The edge has already held it to the size limit and read its raw bytes. */
export interface CallbackRequest {
  readonly method: 'GET' | 'POST';
  /** The first value of each query parameter. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Epoch ms at which its last byte arrived: what ages and deadlines count from. */
  readonly receivedAt: number;
}

export interface CallbackResponse {
  readonly status: number;
  /** Media type with charset. */
  readonly type: string;
  readonly body: string;
}

/** How one platform does each step for one account, in the order in which they run. Every step throws a Fault when it refuses. */
export interface CallbackSteps<Verified, Opened, Message, Answer> {
  /** The signature, in constant time, over the bytes that came. */
  verify(request: CallbackRequest): Verified;
  /** Is it young enough for its kind, by the signed time. */
  checkAge(verified: Verified, request: CallbackRequest): void;
  /** The platform's test of the address itself (a GET), after signature and age. */
  greet(verified: Verified, request: CallbackRequest): CallbackResponse;
  /** Decrypts; the app id inside must be the account's own. */
  open(verified: Verified): Opened;
  parse(opened: Opened): Message;
  /** Stores the message before any work, works it once, and gives the answer that is stored with it; undefined when there is none in time. */
  once(message: Message, receivedAt: number): Promise<Answer | undefined>;
  seal(answer: Answer | undefined, opened: Opened, message: Message): CallbackResponse;
}

/** Answers one platform's callbacks for one account. The order stands here once for all platforms, for messages and for notices. */
export function createCallback<Verified, Opened, Message, Answer>(
  steps: CallbackSteps<Verified, Opened, Message, Answer>,
): (request: CallbackRequest) => Promise<CallbackResponse> {
  return async function callback(request) {
    const verified = steps.verify(request);
    steps.checkAge(verified, request);
    if (request.method === 'GET') return steps.greet(verified, request);
    const opened = steps.open(verified);
    const message = steps.parse(opened);
    const answer = await steps.once(message, request.receivedAt);
    return steps.seal(answer, opened, message);
  };
}
