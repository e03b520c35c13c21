import { isIPv6 } from 'node:net';

/**
 * The network whose addresses are taken for one caller's: a household or a machine has a whole /64 of IPv6. An IPv4 address that came over an
 * IPv6 socket counts as itself.
 */
export function networkOf(address: string): string {
  const own = plainAddress(address);
  const plain = own.replace(/%.*$/, '');
  if (!isIPv6(plain)) return own;
  // A tail in IPv4's notation stands for two groups, all of them in the half that does not count.
  const [head = '', tail] = plain.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail ?? '')];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** An IPv4 address without the prefix that a socket of both kinds gives it: it is the same caller's. */
export const plainAddress = (address: string): string =>
  /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
