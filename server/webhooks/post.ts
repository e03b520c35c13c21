import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type Clock, within } from '../kernel/clock.ts';
import { type Address, findDestination, type Resolve } from './address.ts';
import type { AttemptFailure, TestedWebhook } from './webhook.ts';

interface PosterOptions {
  clock: Clock;
  resolve: Resolve;
  /** See findDestination. */
  allowPrivate: boolean;
}

/** Sends to receivers' addresses. */
export interface Poster {
  /** Posts a JSON body and tells how it went: never throws, takes 10 s at most, follows no redirect, reads 1 KiB of the answer. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<TestedWebhook>;
  close(): void;
}

const answerWithin = 10_000;
/** The status has been told by then; who goes on writing for longer is not listened to. */
const bodyWithin = 1_000;
const longestBody = 1024;
const keepIdle = 15_000;

interface Exchange {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  addresses: readonly Address[];
  signal: AbortSignal;
}

type Outcome = Pick<TestedWebhook, 'status' | 'failure' | 'body'>;

/** A poster with connections of its own, kept open between deliveries. */
export function createPoster({ clock, resolve, allowPrivate }: PosterOptions): Poster {
  const options = { keepAlive: true, maxFreeSockets: 32, timeout: keepIdle };
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };

  async function send(url: URL, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Outcome> {
    const destination = await findDestination(url, resolve, allowPrivate);
    if (!destination.ok) return { failure: destination.reason };
    if (signal.aborted) return { failure: 'timed-out' };
    const begin = () => exchange({ url, headers, body, addresses: destination.addresses, signal });
    const first = await begin();
    // A connection that the receiver had closed just before we wrote to it.
    return first === 'stale' ? settleStale(await begin()) : first;
  }

  function exchange({ url, headers, body, addresses, signal }: Exchange): Promise<Outcome | 'stale'> {
    const isSecure = url.protocol === 'https:';
    return new Promise((done) => {
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: agents[isSecure ? 'https:' : 'http:'],
        // Connects to what was checked: whoever asks for the name again may be told another address.
        lookup: lookupOf(addresses),
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal,
      });
      request.once('response', (response) => readAnswer(response).then(done));
      request.on('error', (error) => {
        const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        done(isStale && !signal.aborted ? 'stale' : { failure: signal.aborted ? 'timed-out' : failureOf(error) });
      });
      request.end(body);
    });
  }

  function readAnswer(response: IncomingMessage): Promise<Outcome> {
    const status = response.statusCode ?? 0;
    const isTaken = status >= 200 && status < 300;
    const chunks: Buffer[] = [];
    let length = 0;
    return new Promise((done) => {
      function end() {
        stop();
        if (!response.complete) response.destroy();
        const body = Buffer.concat(chunks).subarray(0, longestBody).toString('utf8');
        done({ status, body, ...(isTaken ? {} : { failure: 'status' as const }) });
      }
      const stop = clock.after(bodyWithin, end);
      response.on('data', (chunk: Buffer) => {
        if (length < longestBody) chunks.push(chunk);
        length += chunk.length;
        if (length >= longestBody) end();
      });
      response.once('end', end);
      response.on('error', end);
      response.once('close', end);
    });
  }

  return {
    async post(address, headers, body) {
      const at = clock.now();
      const controller = new AbortController();
      const sending = send(new URL(address), headers, body, controller.signal);
      const outcome = await within(clock, answerWithin, sending, (): Outcome => {
        controller.abort();
        return { failure: 'timed-out' };
      });
      return { at, milliseconds: Math.round(clock.now() - at), ...outcome };
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

const settleStale = (outcome: Outcome | 'stale'): Outcome => (outcome === 'stale' ? { failure: 'unreachable' } : outcome);

function lookupOf(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function failureOf(error: Error): AttemptFailure {
  const code = 'code' in error ? String(error.code) : '';
  return /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO/.test(code) ? 'certificate-refused' : 'unreachable';
}
