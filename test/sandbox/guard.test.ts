import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { mayEnter } from '../../server/sandbox/guard.ts';

/** A request from this address to port 8080, with these headers. */
function from(remoteAddress: string, headers: Record<string, string> = {}, localAddress = '192.168.1.5') {
  return { socket: { remoteAddress, localAddress, localPort: 8080 }, headers } as unknown as IncomingMessage;
}

const known = [new URL('http://127.0.0.1:8080/wechat/a')];
const inside = new URL('http://169.254.169.254/latest/meta-data');

describe('where the platform may be sent', () => {
  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.8.8'])('by somebody at this machine (%s): anywhere', (address) => {
    expect(mayEnter(from(address), known)(inside)).toBe(true);
  });

  test.each([
    ['another machine', from('192.168.1.9')],
    ['another machine through a proxy here', from('127.0.0.1', { 'x-forwarded-for': '192.168.1.9' })],
    ['the same, as the standard has it', from('::1', { forwarded: 'for=192.168.1.9' })],
    ['a connection that is gone', from(undefined as unknown as string)],
  ])('by %s: to this server and nowhere else', (_, request) => {
    const may = mayEnter(request, known);
    expect(may(new URL('http://192.168.1.5:8080/wechat/b'))).toBe(true);
    expect(may(new URL('http://127.0.0.1:8080/wechat/b'))).toBe(true);
    for (const url of [
      inside,
      new URL('http://127.0.0.1:9200/'),
      new URL('http://localhost:8080/'),
      new URL('http://192.168.1.5/'),
    ])
      expect(may(url)).toBe(false);
  });
});
