import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Content } from '../../../server/channels/channel.ts';
import { inboundKinds, readInbound } from '../../../server/channels/wechat/inbound.ts';
import { type Fields, readXml } from '../../../server/wire/xml.ts';
import { accountIn, messageXml, now, openid } from './platform.ts';

const account = accountIn('plain');
const read = (fields: Record<string, string | number>) => readInbound(account, account.originalId, readXml(messageXml(fields)));
const contentOf = (fields: Record<string, string | number>) => read(fields).content;
const event = (name: string, fields: Record<string, string | number> = {}) => ({ MsgType: 'event', Event: name, ...fields });

const cases = new URL('../../cases/inbound/', import.meta.url);
const manifest: { cases: { id: string; file: string; channel: string; kind: string; fields: Fields }[] } = JSON.parse(
  readFileSync(new URL('manifest.json', cases), 'utf8'),
);

describe('real messages', () => {
  const messages = manifest.cases.filter(({ channel, kind }) => channel === 'wechat' && !/encrypted|payment/.test(kind));

  it.each(messages)('$id is understood', ({ file, kind, fields }) => {
    const document = readXml(readFileSync(new URL(file, cases), 'utf8'));
    const inbound = readInbound(account, String(fields.ToUserName), document);
    expect(inbound.openid).toBe(fields.FromUserName);
    expect(inbound.sentAt).toBe(Number(fields.CreateTime) * 1000);
    expect(inbound.fields).toEqual(document);
    expect(inbound.content.kind === 'unknown').toBe(kind === 'unknown');
  });

  it('have keys that tell all of them apart', () => {
    const keys = messages.map(({ file, fields }) => {
      const document = readXml(readFileSync(new URL(file, cases), 'utf8'));
      return readInbound(account, String(fields.ToUserName), document).key;
    });
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('what a follower does becomes words that all channels share', () => {
  it.each<[string, Record<string, string | number>, Content]>([
    ['text', { MsgType: 'text', Content: '附近' }, { kind: 'text', text: '附近' }],
    ['empty text', { MsgType: 'text', Content: '' }, { kind: 'text', text: '' }],
    ['an image', { MsgType: 'image', PicUrl: 'http://a', MediaId: 'm' }, { kind: 'image', url: 'http://a', mediaId: 'm' }],
    ['an image without an id', { MsgType: 'image', PicUrl: 'http://a' }, { kind: 'image', url: 'http://a' }],
    ['voice', { MsgType: 'voice', MediaId: 'm', Format: 'amr' }, { kind: 'voice', mediaId: 'm', format: 'amr' }],
    [
      'voice that was understood',
      { MsgType: 'voice', MediaId: 'm', Format: 'amr', Recognition: '附近' },
      { kind: 'voice', mediaId: 'm', format: 'amr', text: '附近' },
    ],
    ['video', { MsgType: 'video', MediaId: 'm', ThumbMediaId: 't' }, { kind: 'video', mediaId: 'm', thumbnailId: 't' }],
    ['a short video', { MsgType: 'shortvideo', MediaId: 'm' }, { kind: 'video', mediaId: 'm' }],
    [
      'a place, X being the latitude',
      { MsgType: 'location', Location_X: '23.134521', Location_Y: '113.358803', Scale: 20, Label: '广州' },
      { kind: 'place', latitude: 23.134521, longitude: 113.358803, label: '广州' },
    ],
    [
      'a link',
      { MsgType: 'link', Title: 't', Description: 'd', Url: 'http://a' },
      { kind: 'link', title: 't', text: 'd', url: 'http://a' },
    ],
    ['a file', { MsgType: 'file', Title: 'test.zip', FileKey: 'k' }, { kind: 'file', title: 'test.zip', fileKey: 'k' }],
    [
      'a mini-program card',
      { MsgType: 'miniprogrampage', Title: 't', PagePath: 'p' },
      { kind: 'link', title: 't', text: '', url: 'p' },
    ],
    ['a follow', event('subscribe'), { kind: 'follow' }],
    ['a follow with an empty key', event('subscribe', { EventKey: '' }), { kind: 'follow' }],
    ['a follow through a code', event('subscribe', { EventKey: 'qrscene_123123' }), { kind: 'follow', entryCode: '123123' }],
    ['a follow after a payment', event('subscribe', { EventKey: 'last_trade_no_4008' }), { kind: 'follow' }],
    ['a follow through a code of no name', event('subscribe', { EventKey: 'qrscene_' }), { kind: 'follow' }],
    ['an unfollow', event('unsubscribe'), { kind: 'unfollow' }],
    ['a scan', event('SCAN', { EventKey: '123123' }), { kind: 'scan', entryCode: '123123' }],
    [
      'a reported position',
      event('LOCATION', { Latitude: '23.137466', Longitude: '113.352425', Precision: '119.385040' }),
      { kind: 'position', latitude: 23.137466, longitude: 113.352425, precisionMeters: 119.38504 },
    ],
    ['a menu entry', event('CLICK', { EventKey: 'NEARBY' }), { kind: 'menu', key: 'NEARBY' }],
    ['a menu link', event('VIEW', { EventKey: 'http://a' }), { kind: 'menu-link', url: 'http://a' }],
    [
      'a menu link into a mini-program',
      event('view_miniprogram', { EventKey: 'pages/a' }),
      { kind: 'menu-link', url: 'pages/a' },
    ],
    ['a menu entry that scans', event('scancode_waitmsg', { EventKey: '6' }), { kind: 'menu', key: '6' }],
    ['a notice', event('MASSSENDJOBFINISH', { MsgID: 1 }), { kind: 'notice', name: 'event.MASSSENDJOBFINISH' }],
  ])('%s', (_, fields, content) => {
    expect(contentOf(fields)).toEqual(content);
  });

  it('whatever the case of the names', () => {
    expect(contentOf({ MsgType: 'TEXT', Content: 'a' })).toEqual({ kind: 'text', text: 'a' });
    expect(contentOf({ MsgType: 'Event', Event: 'scan', EventKey: '1' })).toEqual({ kind: 'scan', entryCode: '1' });
    expect(contentOf(event('masssendjobfinish'))).toEqual({ kind: 'notice', name: 'event.MASSSENDJOBFINISH' });
  });
});

describe('what nobody knows is kept, never refused', () => {
  it.each<[string, Record<string, string | number>, string]>([
    ['a kind of message', { MsgType: 'notsure' }, 'notsure'],
    ['a kind of event', event('dance'), 'event.dance'],
    ['an event that is named like a message', event('text'), 'event.text'],
    ['a message that is named like an event', { MsgType: 'subscribe' }, 'subscribe'],
    ['a message that passes itself off as an event', { MsgType: 'event.unsubscribe' }, 'event.unsubscribe'],
    ['a kind that is named like what objects inherit', { MsgType: 'constructor' }, 'constructor'],
    ['voice without its recording', { MsgType: 'voice' }, 'voice'],
    ['video without its recording', { MsgType: 'video' }, 'video'],
    ['a scan of nothing', event('SCAN'), 'event.SCAN'],
    ['a place that is nowhere', { MsgType: 'location', Location_X: 'here', Location_Y: '113' }, 'location'],
    ['a place without a longitude', { MsgType: 'location', Location_X: '23' }, 'location'],
    ['a place beyond the pole', { MsgType: 'location', Location_X: '90.1', Location_Y: '113' }, 'location'],
    ['a place beyond the date line', { MsgType: 'location', Location_X: '23', Location_Y: '-180.1' }, 'location'],
    ['a place written as no platform does', { MsgType: 'location', Location_X: '0x17', Location_Y: '1e2' }, 'location'],
  ])('%s', (_, fields, name) => {
    expect(contentOf(fields)).toEqual({ kind: 'unknown', name });
  });
});

describe('a message is refused', () => {
  it.each(['FromUserName', 'ToUserName', 'CreateTime', 'MsgType'])('without %s, or with an empty one', (name) => {
    expect(() => read({ [name]: '' })).toThrow(
      expect.objectContaining({ code: 'callback.malformed', message: expect.stringContaining(name) }),
    );
    const fields = readXml(messageXml({}));
    delete fields[name];
    expect(() => readInbound(account, account.originalId, fields)).toThrow(
      expect.objectContaining({ code: 'callback.malformed' }),
    );
  });

  it.each([
    ['an event without a name', { MsgType: 'event' }],
    ['a time that is no number', { CreateTime: 'now' }],
    ['a negative time', { CreateTime: -1 }],
    ['a time in milliseconds', { CreateTime: now }],
    ['a sender of endless length', { FromUserName: 'o'.repeat(129) }],
  ])('as malformed: %s', (_, fields: Record<string, string | number>) => {
    expect(() => read(fields)).toThrow(expect.objectContaining({ code: 'callback.malformed' }));
  });

  it('when it was meant for another account', () => {
    expect(() => read({ ToUserName: 'gh_000000000000' })).toThrow(expect.objectContaining({ code: 'callback.foreign-app' }));
  });
});

describe('the key', () => {
  const key = (fields: Record<string, string | number>) => read(fields).key;

  it('is sender and MsgId where there is one', () => {
    expect(key({ Content: 'a', MsgId: '6074746557628292943' })).toMatch(/^6074746557628292943:[0-9a-f]{40}$/);
    expect(key({ Content: 'a', MsgId: 1 })).toBe(key({ Content: 'b', MsgId: 1, CreateTime: 1 }));
  });

  it('differs between senders who share a MsgId', () => {
    expect(key({ FromUserName: 'ming', MsgId: 1 })).not.toBe(key({ FromUserName: 'hong', MsgId: 1 }));
  });

  it('is sender, time, kind and what the kind is known by where there is none', () => {
    expect(key(event('CLICK', { EventKey: 'NEARBY' }))).toMatch(new RegExp(`^${now / 1000}:[0-9a-f]{40}$`));
    expect(key(event('unsubscribe'))).not.toBe(key({ ...event('unsubscribe'), CreateTime: now / 1000 + 1 }));
  });

  it('names no person and holds no word of the message, since it stands in logs and in what is never deleted', () => {
    const messages: Record<string, string | number>[] = [
      { Content: '13800000000' },
      { Content: '13800000000', MsgId: 7 },
      event('CLICK', { EventKey: '13800000000' }),
    ];
    for (const fields of messages) {
      expect(key(fields)).not.toContain(openid);
      expect(key(fields)).not.toContain('13800000000');
    }
  });

  it('tells two events of one second apart', () => {
    const keys = [
      key(event('CLICK', { EventKey: 'A' })),
      key(event('CLICK', { EventKey: 'B' })),
      key(event('VIEW', { EventKey: 'A' })),
      key(event('user_get_card', { CardId: 'A', UserCardCode: '1' })),
      key(event('user_get_card', { CardId: 'A', UserCardCode: '2' })),
      key(event('user_get_card', { CardId: 'A:2' })),
      key(event('user_del_card', { CardId: 'A', UserCardCode: '1' })),
      key({ MsgType: 'text', Content: 'a' }),
      key({ MsgType: 'text', Content: 'b' }),
      key({ MsgType: 'dance', Step: 'a' }),
      key({ MsgType: 'dance', Step: 'b' }),
      key({ MsgType: 'event.CLICK', EventKey: 'A' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is the same for a repeat, also when the name comes in another case', () => {
    expect(key(event('SCAN', { EventKey: '1' }))).toBe(key(event('scan', { EventKey: '1' })));
  });

  it('stays short, however long what it is made of', () => {
    const long = 'http://a/'.padEnd(5_000, 'b');
    expect(key(event('VIEW', { EventKey: long })).length).toBeLessThan(300);
    expect(key(event('VIEW', { EventKey: long }))).not.toBe(key(event('VIEW', { EventKey: `${long}b` })));
    expect(key({ MsgType: 'text', MsgId: '1'.repeat(5_000) }).length).toBeLessThan(300);
  });

  it('is never shared by two messages that differ in what they are known by', () => {
    const part = fc.string({ unit: fc.constantFrom('a', ':', ',', '%', '中'), maxLength: 4 });
    const card = (CardId: string, UserCardCode: string) =>
      readInbound(account, account.originalId, { ...readXml(messageXml(event('user_get_card'))), CardId, UserCardCode }).key;
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        expect(card(a, b) === card(c, d)).toBe(a === c && b === d);
      }),
    );
  });
});

it('every kind is keyed by names that can be read, and reads without any field', () => {
  for (const [kind, { key }] of Object.entries(inboundKinds)) {
    for (const name of key) expect(name).toMatch(/^\w+(\/\w+)*$/);
    const [type = '', name] = kind.split('.');
    expect(contentOf(name ? event(name) : { MsgType: type }).kind).toBeTypeOf('string');
  }
});
