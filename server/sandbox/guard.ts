import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { fault } from '../kernel/errors.ts';
import { plainAddress } from '../kernel/network.ts';

/**
 * Refuses a request whose Host is neither this machine's loopback nor the address it arrived at nor one of `known`: another site that
 * points its own name here (DNS rebinding) would else be able to read the sandbox through a visitor's browser.
 */
export function checkHost(request: IncomingMessage, known: readonly string[]): void {
  const host = hostnameOf(request.headers.host);
  if (host === undefined) throw fault('request.malformed', 'The request has no Host that could be read.');
  if (isLoopback(host) || host === plainAddress(request.socket.localAddress ?? '') || known.includes(host)) return;
  throw fault('request.forbidden', 'The sandbox answers only under the address on which the server listens.');
}

/** Where the platform may be sent by this request: by somebody at this machine anywhere, by others only to where they are already, or they could look around in our network. */
export function mayEnter(request: IncomingMessage, known: readonly URL[]): (url: URL) => boolean {
  const { remoteAddress, localAddress, localPort } = request.socket;
  const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  if (!isForwarded && isLoopback(plainAddress(remoteAddress ?? ''))) return () => true;
  const own = `${plainAddress(localAddress ?? '')}:${localPort}`;
  return (url) => url.host === own || known.some(({ host }) => url.host === host);
}

/** The name in a Host header, lower-cased, without its port and without the brackets of an IPv6 address. */
function hostnameOf(host: string | undefined): string | undefined {
  if (!host || !URL.canParse(`http://${host}`)) return undefined;
  const url = new URL(`http://${host}`);
  return url.host === host.toLowerCase() || `${url.hostname}:80` === host.toLowerCase() ? hostname(url) : undefined;
}

/** The host of an address as `checkHost` compares it. */
export function hostname(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
