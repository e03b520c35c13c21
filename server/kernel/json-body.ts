import type { IncomingMessage } from 'node:http';
import { Fault, fault } from './errors.ts';
import { readRawBody } from './raw-body.ts';

/** Reads a JSON body of at most `limit` bytes. Only `application/json` is taken, which a form of another site cannot send. */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw fault('request.unsupported-type', 'Send application/json.');
  if (request.headers['content-encoding'] !== undefined)
    throw fault('request.unsupported-type', 'Send the body as it is, without Content-Encoding.');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readRawBody(request, limit)));
  } catch (error) {
    throw error instanceof Fault
      ? error
      : fault('request.malformed', 'The body is not JSON in UTF-8, or not all of it came.', error);
  }
}
