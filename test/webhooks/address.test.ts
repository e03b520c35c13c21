import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { type Address, findDestination } from '../../server/webhooks/address.ts';
import { createPoster } from '../../server/webhooks/post.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { openReceiver } from '../support/receiver.ts';
import { createShop, openRoom } from '../support/webhook-room.ts';

const named =
  (...addresses: string[]) =>
  async (): Promise<Address[]> =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const noName = async (): Promise<Address[]> => {
  throw new Error('ENOTFOUND');
};
const verdict = async (url: string, allowPrivate = false, resolve = noName) => {
  const destination = await findDestination(new URL(url), resolve, allowPrivate);
  return destination.ok ? destination.addresses.map(({ address }) => address).join() : destination.reason;
};

const publicAddresses = ['8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '223.255.255.255'];
const public6 = ['2606:4700::1111', '2a00:1450:4001::1', '2400:3200::1'];
/** Lifted where private addresses are allowed. */
const privateAddresses = ['127.0.0.1', '127.255.0.1', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'];
const private6 = ['::1', 'fc00::1', 'fd12:3456::1'];
/** Never. */
const special = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.19.255.255',
  ],
  // Where Alibaba Cloud and Azure talk to their machines.
  ...['100.100.100.200', '168.63.129.16'],
  ...['198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
];
const special6 = [
  ...['::', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::808:808'],
  ...['64:ff9b:1::1', '2002:7f00:1::', '2002:a00:1::1', '2001::1', '2001:0:4136:e378::1', '2001:db8::1', '3fff::1'],
  ...['fe80::1', 'fec0::1', 'ff02::1', '100::1', '4000::1', 'fd00:ec2::254'],
];

describe('where a webhook may lead', () => {
  it.each([...publicAddresses, ...public6])('to the public address %s', async (address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    expect(await verdict(`https://${host}/hook`)).toBe(address);
    expect(await verdict('https://shop.example:8443/hook', false, named(address))).toBe(address);
  });

  it.each([...privateAddresses, ...private6])('to the private address %s only where that is allowed', async (address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    expect(await verdict(`https://${host}/`)).toBe('address-refused');
    expect(await verdict('https://shop.example/', false, named(address))).toBe('address-refused');
    expect(await verdict(`http://${host}/`, true)).toBe(new URL(`http://${host}`).hostname.replace(/[[\]]/g, ''));
    expect(await verdict('http://shop.example/', true, named(address))).toBe(address);
  });

  it.each([...special, ...special6])('never to %s, which names no single machine or a cloud itself', async (address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    expect(await verdict(`https://${host}/`)).toBe('address-refused');
    expect(await verdict(`https://${host}/`, true)).toBe('address-refused');
    expect(await verdict('https://shop.example/', true, named(address))).toBe('address-refused');
  });

  it.each([
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0x7f000001/',
    'https://017700000001/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://①②⑦.⓪.⓪.①/',
    'https://0/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:ffff:127.0.0.1]/',
  ])('not to %s, another spelling of this machine', async (url) => {
    expect(await verdict(url)).toBe('address-refused');
  });

  it('not to a name of which one address of several is private', async () => {
    expect(await verdict('https://shop.example/', false, named('8.8.8.8', '10.0.0.1'))).toBe('address-refused');
    expect(await verdict('https://shop.example/', false, named('2606:4700::1', '::1'))).toBe('address-refused');
  });

  it('not to an address of one of this machine’s networks by its zone', async () => {
    expect(await verdict('https://shop.example/', true, named('fe80::1%eth0'))).toBe('address-refused');
    expect(await verdict('https://shop.example/', true, named('2606:4700::1%eth0'))).toBe('address-refused');
  });

  it('by https alone, with http only where private addresses are allowed, and never with a password', async () => {
    expect(await verdict('http://8.8.8.8/')).toBe('scheme-refused');
    expect(await verdict('ftp://8.8.8.8/', true)).toBe('scheme-refused');
    expect(await verdict('file:///etc/passwd', true)).toBe('scheme-refused');
    expect(await verdict('https://me:secret@8.8.8.8/')).toBe('credentials-refused');
    expect(await verdict('https://me@8.8.8.8/', true)).toBe('credentials-refused');
    expect(await verdict('https://nothing.example/')).toBe('address-unknown');
    expect(await verdict('https://nothing.example/', false, named())).toBe('address-unknown');
  });
});

describe('a name that leads elsewhere after it was checked', () => {
  const clock = createManualClock();
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  it('is connected to at the address that was checked, and looked up no second time', async () => {
    const receiver = await openReceiver();
    const answers = ['127.0.0.1', '127.0.0.2'];
    const asked: string[] = [];
    const poster = createPoster({
      clock,
      allowPrivate: true,
      async resolve(hostname) {
        asked.push(hostname);
        return [{ address: answers[asked.length - 1] ?? '169.254.169.254', family: 4 }];
      },
    });
    const url = receiver.url.replace('127.0.0.1', 'rebinds.example');
    expect(await poster.post(url, {}, '{}')).toMatchObject({ status: 204 });
    expect(asked).toEqual(['rebinds.example']);
    expect(receiver.received[0]?.headers.host).toMatch(/^rebinds\.example:/);
    poster.close();
    await receiver.close();
  });

  it('is refused at the next delivery, though a connection to where it led is still open', async () => {
    const receiver = await openReceiver();
    let address = '127.0.0.1';
    const poster = createPoster({ clock, allowPrivate: true, resolve: async () => [{ address, family: 4 }] });
    const url = receiver.url.replace('127.0.0.1', 'rebinds.example');
    expect(await poster.post(url, {}, '{}')).toMatchObject({ status: 204 });
    address = '169.254.169.254';
    expect(await poster.post(url, {}, '{}')).toEqual({ at: clock.now(), milliseconds: 0, failure: 'address-refused' });
    expect(receiver.received).toHaveLength(1);
    poster.close();
    await receiver.close();
  });

  it('is refused at creation by its field, and at delivery when it turned private later', async () => {
    let address = '8.8.8.8';
    const room = await openRoom({ database, clock, allowPrivate: false, resolve: async () => [{ address, family: 4 }] });
    const shop = createShop(room, clock);
    const { webhook } = await shop.hook('https://shop.example/hook');
    address = '10.0.0.1';
    const refused = { code: 'request.invalid', details: { fields: [{ path: 'body.url', code: 'address-refused' }] } };
    await expect(shop.hook('https://shop.example/hook')).rejects.toMatchObject(refused);
    await expect(
      room.webhooks.edit(shop.merchantId, webhook.id, { url: 'https://other.example/' }, 1, {
        actor: { kind: 'operator', name: '' },
      }),
    ).rejects.toMatchObject(refused);
    expect((await room.webhooks.list(shop.merchantId, { limit: 9 })).items.map(({ url }) => url)).toEqual([
      'https://shop.example/hook',
    ]);
    await shop.follows('ming');
    await room.deliver();
    const { items } = await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 9 });
    expect(items).toMatchObject([{ state: 'waiting', attempts: 1, last: { failure: 'address-refused' } }]);
    expect(await room.webhooks.test(shop.merchantId, webhook.id)).toMatchObject({ failure: 'address-refused' });
    await room.webhooks.close();
  });

  it('that nobody answers for is kept: it may be there tomorrow', async () => {
    const room = await openRoom({ database, clock, allowPrivate: false, resolve: noName });
    const shop = createShop(room, clock);
    const { webhook } = await shop.hook('https://tomorrow.example/hook');
    await shop.follows('ming');
    await room.deliver();
    const { items } = await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 9 });
    expect(items).toMatchObject([{ state: 'waiting', last: { failure: 'address-unknown' } }]);
    await room.webhooks.close();
  });
});
