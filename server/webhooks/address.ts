import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** An address that a name stands for. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Finds the addresses of a name; rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

/** Where a URL leads: the addresses that may be connected to, or why none may be. */
export type Destination =
  | { readonly ok: true; readonly addresses: readonly Address[] }
  | { readonly ok: false; readonly reason: AddressRefusal };

export const addressRefusals = ['scheme-refused', 'credentials-refused', 'address-unknown', 'address-refused'] as const;
export type AddressRefusal = (typeof addressRefusals)[number];

/** The system's resolver. */
export const resolveName: Resolve = async (hostname) => (await lookup(hostname, { all: true })) as Address[];

/**
 * Decides where a URL leads. Every address that its name stands for must be public, and those that are given are the ones to connect to:
 * whoever looks the name up again may get another. `allowPrivate` lets in http and the addresses of private networks and of this machine;
 * never those that name no single machine, and never link-local or other ones where clouds keep their machines' credentials.
 */
export async function findDestination(url: URL, resolve: Resolve, allowPrivate: boolean): Promise<Destination> {
  const refusal = refuseUrl(url, allowPrivate);
  if (refusal) return { ok: false, reason: refusal };
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(hostname);
  const addresses = family ? [{ address: hostname, family: family as 4 | 6 }] : await resolve(hostname).catch(() => []);
  if (addresses.length === 0) return { ok: false, reason: 'address-unknown' };
  // An address with a zone (`fe80::1%eth0`) is of this machine's own networks.
  const areAllowed = addresses.every(
    ({ address }) => !address.includes('%') && (isPublic(address) || (allowPrivate && isPrivate(address))) && !isCloud(address),
  );
  return areAllowed ? { ok: true, addresses } : { ok: false, reason: 'address-refused' };
}

function refuseUrl({ protocol, username, password }: URL, allowPrivate: boolean): AddressRefusal | undefined {
  if (protocol !== 'https:' && !(protocol === 'http:' && allowPrivate)) return 'scheme-refused';
  return username || password ? 'credentials-refused' : undefined;
}

/** Addresses of one network only, or of this machine. */
const privateRanges = listOf(
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
);

/**
 * All IPv4 addresses that lead nowhere public.
 * https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml
 */
const specialRanges = listOf(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
);

/** Where public IPv6 addresses are at all: mapped, translated (NAT64), link-local and multicast ones are outside of it. */
const global6 = listOf(['2000::', 3]);

/**
 * What is special within it; 6to4 and Teredo hide an IPv4 address.
 * https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry.xhtml
 */
const special6 = listOf(['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]);

/** Where clouds talk to their machines outside of the link-local ranges: Alibaba Cloud, Azure, AWS by IPv6. */
const cloudRanges = listOf(['100.100.100.200', 32], ['168.63.129.16', 32], ['fd00:ec2::254', 128]);

const isCloud = (address: string): boolean => cloudRanges.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !privateRanges.check(address) && !specialRanges.check(address);
  return isIP(address) === 6 && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

function isPrivate(address: string): boolean {
  const family = isIP(address);
  // A mapped IPv4 address would be checked by the IPv4 rows: it is refused in this form.
  if (family === 6 && /^[0:]*:ffff:/i.test(address)) return false;
  return family !== 0 && privateRanges.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function listOf(...ranges: readonly (readonly [net: string, bits: number])[]): BlockList {
  const list = new BlockList();
  for (const [net, bits] of ranges) list.addSubnet(net, bits, isIP(net) === 4 ? 'ipv4' : 'ipv6');
  return list;
}
