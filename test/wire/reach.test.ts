import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import * as tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../server/kernel/clock.ts';
import { reach } from '../../server/wire/reach.ts';
import { createManualClock } from '../support/clock.ts';

const certificates = resolve(import.meta.dirname, '../cases/certificates');
const cert = readFileSync(resolve(certificates, 'localhost.pem'));
const key = readFileSync(resolve(certificates, 'localhost-key.pem'));

/** The port on which it listens until the test ends. */
async function listen(server: Server & { closeAllConnections?: () => void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const ok: RequestListener = (_, response) => response.end('{"status":"ok"}');

describe('an address over http', () => {
  it('gives what it answers', async () => {
    const port = await listen(createPlainServer(ok));
    expect(await reach(new URL(`http://127.0.0.1:${port}/healthz`), systemClock)).toEqual({
      kind: 'answered',
      status: 200,
      text: '{"status":"ok"}',
    });
  });

  it('is not followed elsewhere', async () => {
    let asked = 0;
    const other = await listen(
      createPlainServer((request, response) => {
        asked++;
        ok(request, response);
      }),
    );
    const redirect: RequestListener = (_, response) => response.writeHead(302, { location: `http://127.0.0.1:${other}` }).end();
    const port = await listen(createPlainServer(redirect));
    expect(await reach(new URL(`http://127.0.0.1:${port}/`), systemClock)).toMatchObject({ kind: 'answered', status: 302 });
    expect(asked).toBe(0);
  });

  it('is read no further than 1 KiB', async () => {
    const port = await listen(
      createPlainServer((_, response) => {
        const more = () =>
          void (response.destroyed || (response.write('x'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more)));
        more();
      }),
    );
    const reached = await reach(new URL(`http://127.0.0.1:${port}/`), systemClock);
    expect(reached).toMatchObject({ kind: 'answered', text: 'x'.repeat(1024) });
  });

  it('is unreachable where nobody listens, where the connection breaks, and when nothing came for 5 s', async () => {
    const gone = createPlainServer(ok);
    const port = await listen(createSocketServer((socket) => socket.destroy()));
    const gonePort = await new Promise<number>((resolve) =>
      gone.listen(0, '127.0.0.1', () => {
        const { port: free } = gone.address() as AddressInfo;
        gone.close(() => resolve(free));
      }),
    );
    expect(await reach(new URL(`http://127.0.0.1:${gonePort}/`), systemClock)).toEqual({
      kind: 'unreachable',
      why: 'ECONNREFUSED',
    });
    expect(await reach(new URL(`http://127.0.0.1:${port}/`), systemClock)).toEqual({ kind: 'unreachable', why: 'ECONNRESET' });

    const clock = createManualClock();
    const arrived = Promise.withResolvers<void>();
    const hanging = await listen(createPlainServer(() => arrived.resolve()));
    const reached = reach(new URL(`http://127.0.0.1:${hanging}/`), clock);
    await arrived.promise;
    await clock.advance(5_000);
    expect(await reached).toEqual({ kind: 'unreachable', why: 'ETIMEDOUT' });
  });

  it('that begins an answer and breaks off is unreachable', async () => {
    const port = await listen(
      createPlainServer((_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"sta', () => response.destroy());
      }),
    );
    expect(await reach(new URL(`http://127.0.0.1:${port}/`), systemClock)).toMatchObject({ kind: 'unreachable' });
  });
});

describe('an address over https', () => {
  it('whose certificate nobody vouches for is told apart from one that cannot be reached', async () => {
    const port = await listen(createSecureServer({ cert, key }, ok));
    expect(await reach(new URL(`https://localhost:${port}/`), systemClock)).toEqual({
      kind: 'bad-certificate',
      why: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('gives until when a certificate holds, and refuses one for another name', async () => {
    tls.setDefaultCACertificates([cert.toString('utf8')]);
    onTestFinished(() => tls.setDefaultCACertificates(tls.getCACertificates('bundled')));
    const port = await listen(createSecureServer({ cert, key }, ok));
    expect(await reach(new URL(`https://localhost:${port}/`), systemClock)).toMatchObject({
      kind: 'answered',
      status: 200,
      certificateUntil: Date.UTC(2120, 0, 1),
    });
    expect(await reach(new URL(`https://127.0.0.1:${port}/`), systemClock)).toEqual({
      kind: 'bad-certificate',
      why: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('where something else than TLS answers is unreachable', async () => {
    const port = await listen(createPlainServer(ok));
    expect(await reach(new URL(`https://localhost:${port}/`), systemClock)).toMatchObject({ kind: 'unreachable' });
  });
});
