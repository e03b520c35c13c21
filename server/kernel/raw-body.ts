import type { IncomingMessage } from 'node:http';
import { fault } from './errors.ts';

/** Reads a request's body as the bytes that came. Throws request.too-large as soon as it is known to pass `limit` bytes. */
export function readRawBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.pause();
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', (error) => reject(fault('request.malformed', 'the request ended before its body was complete', error)));
  });
}

const tooLarge = (limit: number) => fault('request.too-large', `the body is larger than ${limit} bytes`);
