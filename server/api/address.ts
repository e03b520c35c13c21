import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { fault } from '../kernel/errors.ts';
import { plainAddress } from '../kernel/network.ts';

/** The proxies in front of us, and what they are believed. */
export interface Proxies {
  /** Is this the address of one of them. */
  isTrusted(address: string): boolean;
  /** The network address that a request comes from, as far as they can be believed. */
  addressOf(request: IncomingMessage): string;
}

/**
 * Believes X-Forwarded-For of these proxies only (addresses or ranges, with commas between): the rightmost address in it that is none of
 * theirs. What stands further left, the caller has written. Throws `config.invalid` for what is no address or range.
 */
export function readProxies(trustedProxies: string): Proxies {
  const trusted = new BlockList();
  for (const range of trustedProxies.split(',')) trust(trusted, range.trim());
  const isTrusted = (address: string) =>
    trusted.check(plainAddress(address), isIP(plainAddress(address)) === 6 ? 'ipv6' : 'ipv4');

  return {
    isTrusted,
    addressOf(request) {
      let address = plainAddress(request.socket.remoteAddress ?? '');
      const header = request.headers['x-forwarded-for'];
      // Nobody is asked to prove an address that no proxy has written down.
      if (header === undefined || !isIP(address)) return address;
      for (const entry of String(header).split(',').reverse()) {
        if (!isTrusted(address)) break;
        const next = plainAddress(withoutPort(entry.trim()));
        if (!isIP(next)) break;
        address = next;
      }
      return address;
    },
  };
}

function trust(trusted: BlockList, range: string) {
  const [address = '', bits] = range.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  try {
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  } catch (error) {
    throw fault('config.invalid', `http.trustedProxies (TRUSTED_PROXIES): ${range} is no address or range`, error);
  }
}

const withoutPort = (entry: string): string =>
  /^\[([^\]]*)\](:\d+)?$/.exec(entry)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1] ?? entry;
