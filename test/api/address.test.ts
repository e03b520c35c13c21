import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { readProxies } from '../../server/api/address.ts';
import { networkOf } from '../../server/kernel/network.ts';

describe("a caller's address", () => {
  const read = readProxies('127.0.0.0/8, ::1,10.0.0.0/8').addressOf;
  const from = (peer: string, forwarded?: string) =>
    read({
      socket: { remoteAddress: peer },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    } as unknown as IncomingMessage);

  it.each([
    ['the peer itself where there is no proxy', '203.0.113.5', undefined, '203.0.113.5'],
    ['the peer itself where it is none that is trusted', '203.0.113.5', '1.1.1.1', '203.0.113.5'],
    ['what the trusted proxy wrote', '127.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['not what the caller wrote before it', '127.0.0.1', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
    ['seen through several proxies', '::1', '1.1.1.1, 198.51.100.7, 10.2.3.4,10.9.9.9', '198.51.100.7'],
    ['the leftmost proxy where all are trusted', '127.0.0.1', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['IPv4 over an IPv6 socket', '::ffff:127.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
    ['without a port', '127.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['without brackets', '127.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    ['the proxy where it wrote no address', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['the last proxy before garbage', '127.0.0.1', "'; drop, 10.0.0.1", '10.0.0.1'],
    ['the peer where nothing was forwarded', '127.0.0.1', '', '127.0.0.1'],
  ])('is %s', (_, peer, forwarded, address) => {
    expect(from(peer, forwarded)).toBe(address);
  });

  it('cannot be read with proxies that are none', () => {
    for (const list of ['300.1.1.1', '10.0.0.0/33', '127.0.0.1,', 'localhost'])
      expect(() => readProxies(list), list).toThrow('TRUSTED_PROXIES');
  });

  it('counts as its network in IPv6, where one household has many', () => {
    expect(networkOf('203.0.113.5')).toBe('203.0.113.5');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:0db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(networkOf('')).toBe('');
  });
});
