import { Agent, request } from 'node:http';
import { expect } from 'vitest';
import type { BuildRequest, WildRequest } from './hostile.ts';
import type { Credentials } from './platform.ts';

export interface WildAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends requests as they are to a callback address, and judges the answers. */
export function createWildClient(callbackUrl: string, account: Credentials) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  return {
    /** Sends all at once; fails at the first answer that may not be. */
    async attack(builders: readonly BuildRequest[], at: () => number): Promise<void> {
      const requests = builders.map((build) => build(account, at()));
      const answers = await Promise.all(requests.map((wild) => exchange(callbackUrl, wild, agent)));
      for (const [index, wild] of requests.entries()) judge(wild, answers[index]);
    },
    close: () => agent.destroy(),
  };
}

function judge({ title, must, query }: WildRequest, answer: WildAnswer | undefined) {
  const told = `${title} (${query}): ${answer?.status} ${answer?.body.slice(0, 200)}`;
  expect(answer?.status, told).toBeLessThan(500);
  if (must === 'answer') expect(answer?.status, told).toBe(200);
  if (must === 'refuse') expect(answer?.status, told).toBeGreaterThanOrEqual(400);
}

function exchange(url: string, { method, query, headers, body }: WildRequest, agent: Agent): Promise<WildAnswer> {
  return new Promise((resolve, reject) => {
    const length = headers['transfer-encoding'] || method === 'GET' ? {} : { 'content-length': body.length };
    let isAnswered = false;
    const sent = request(`${url}?${query}`, { method, agent, headers: { ...headers, ...length } }, (response) => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
    });
    // A server that has refused a body need not read the rest of it: the answer counts, not the write that failed.
    sent.on('error', (error) => (isAnswered ? undefined : reject(error)));
    sent.end(method === 'GET' ? undefined : body);
  });
}
