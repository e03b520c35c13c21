import { hash } from 'node:crypto';
import { fault } from '../../kernel/errors.ts';
import type { Fields } from '../../wire/xml.ts';
import type { Account, Content, Inbound } from '../channel.ts';

interface Row {
  /** What the follower did or said; undefined when the fields make no sense, which makes the message one of an unknown kind. */
  content: (text: ReadField, name: string) => Content | undefined;
  /** Which fields tell it from its sender's others of that second, for there is not always a MsgId (wechat.md §1.2). */
  key: readonly string[];
}

/** The text of a field; '' where it is missing, the first where it repeats. */
type ReadField = (name: string) => string;

const notice = (...key: string[]): Row => ({ content: (_, name) => ({ kind: 'notice', name }), key });
const cardNotice = (...key: string[]) => notice('CardId', 'UserCardCode', ...key);
const menu: Row['content'] = (text) => ({ kind: 'menu', key: text('EventKey') });
const menuLink: Row['content'] = (text) => ({ kind: 'menu-link', url: text('EventKey') });
const video: Row = {
  content: (text) =>
    given(text('MediaId'), (mediaId) => ({ kind: 'video', mediaId, ...optional('thumbnailId', text('ThumbMediaId')) })),
  key: ['MediaId'],
};

/** Every kind of message and event that wechat.md §1.3–1.5 lists, under the platform's own name; names are matched whatever their case. */
export const inboundKinds = {
  text: { content: (text) => ({ kind: 'text', text: text('Content') }), key: ['Content'] },
  image: {
    content: (text) => ({ kind: 'image', ...optional('mediaId', text('MediaId')), ...optional('url', text('PicUrl')) }),
    key: ['MediaId', 'PicUrl'],
  },
  voice: {
    content: (text) =>
      given(text('MediaId'), (mediaId) => ({
        kind: 'voice',
        mediaId,
        ...optional('format', text('Format')),
        ...optional('text', text('Recognition')),
      })),
    key: ['MediaId'],
  },
  video,
  shortvideo: video,
  location: {
    // X is the latitude, against all custom.
    content: (text) => place(text('Location_X'), text('Location_Y'), (at) => ({ kind: 'place', ...at, label: text('Label') })),
    key: ['Location_X', 'Location_Y'],
  },
  link: {
    content: (text) => ({ kind: 'link', title: text('Title'), text: text('Description'), url: text('Url') }),
    key: ['Url'],
  },
  file: {
    content: (text) => ({ kind: 'file', title: text('Title'), fileKey: text('FileKey') }),
    key: ['FileKey'],
  },
  miniprogrampage: {
    content: (text) => ({ kind: 'link', title: text('Title'), text: '', url: text('PagePath') }),
    key: ['AppId', 'PagePath'],
  },

  'event.subscribe': { content: (text) => ({ kind: 'follow', ...entryCode(text('EventKey')) }), key: ['EventKey'] },
  'event.unsubscribe': { content: () => ({ kind: 'unfollow' }), key: [] },
  'event.SCAN': { content: (text) => given(text('EventKey'), (code) => ({ kind: 'scan', entryCode: code })), key: ['EventKey'] },
  'event.LOCATION': {
    content: (text) =>
      place(text('Latitude'), text('Longitude'), (at) => ({
        kind: 'position',
        ...at,
        precisionMeters: decimal(text('Precision')) ?? 0,
      })),
    key: [],
  },
  'event.CLICK': { content: menu, key: ['EventKey'] },
  'event.VIEW': { content: menuLink, key: ['EventKey', 'MenuId'] },
  'event.view_miniprogram': { content: menuLink, key: ['EventKey', 'MenuId'] },
  'event.scancode_push': { content: menu, key: ['EventKey', 'ScanCodeInfo/ScanResult'] },
  'event.scancode_waitmsg': { content: menu, key: ['EventKey', 'ScanCodeInfo/ScanResult'] },
  // The pictures and the place come as messages of their own, and those are answered.
  'event.pic_sysphoto': notice('EventKey', 'SendPicsInfo/PicList/item/PicMd5Sum'),
  'event.pic_photo_or_album': notice('EventKey', 'SendPicsInfo/PicList/item/PicMd5Sum'),
  'event.pic_weixin': notice('EventKey', 'SendPicsInfo/PicList/item/PicMd5Sum'),
  'event.location_select': notice('EventKey', 'SendLocationInfo/Location_X', 'SendLocationInfo/Location_Y'),

  'event.TEMPLATESENDJOBFINISH': notice('MsgID'),
  'event.MASSSENDJOBFINISH': notice('MsgID'),
  'event.FREEPUBLISHJOBFINISH': notice('PublishEventInfo/publish_id', 'PublishEventInfo/publish_status'),
  'event.subscribe_msg_popup_event': notice(
    'SubscribeMsgPopupEvent/List/TemplateId',
    'SubscribeMsgPopupEvent/List/SubscribeStatusString',
  ),
  'event.subscribe_msg_change_event': notice('SubscribeMsgChangeEvent/List/TemplateId'),
  'event.subscribe_msg_sent_event': notice('SubscribeMsgSentEvent/List/MsgID'),
  'event.kf_create_session': notice('KfAccount'),
  'event.kf_close_session': notice('KfAccount'),
  'event.kf_switch_session': notice('FromKfAccount', 'ToKfAccount'),
  'event.poi_check_notify': notice('UniqId', 'PoiId', 'Result'),
  'event.user_info_modified': notice('OpenID', 'RevokeInfo'),
  'event.user_authorization_revoke': notice('OpenID', 'RevokeInfo'),
  'event.user_authorization_cancellation': notice('OpenID', 'RevokeInfo'),
  'event.user_enter_tempsession': notice('SessionFrom'),
  'event.wxa_media_check': notice('trace_id'),
  'event.qualification_verify_success': notice('ExpiredTime'),
  'event.qualification_verify_fail': notice('FailTime'),
  'event.naming_verify_success': notice('ExpiredTime'),
  'event.naming_verify_fail': notice('FailTime'),
  'event.annual_renew': notice('ExpiredTime'),
  'event.verify_expired': notice('ExpiredTime'),

  'event.card_pass_check': notice('CardId'),
  'event.card_not_pass_check': notice('CardId'),
  'event.user_get_card': cardNotice(),
  'event.user_gifting_card': cardNotice('IsReturnBack'),
  'event.user_del_card': cardNotice(),
  'event.user_consume_card': cardNotice(),
  'event.user_pay_from_pay_cell': cardNotice('TransId'),
  'event.user_view_card': cardNotice(),
  'event.user_enter_session_from_card': cardNotice(),
  'event.update_member_card': cardNotice('ModifyBonus', 'ModifyBalance'),
  'event.card_sku_remind': notice('CardId'),
  'event.submit_membercard_user_info': cardNotice(),
  'event.card_pay_order': notice('OrderId', 'Status'),
  'event.card_merchant_check_result': notice('MerchantId', 'IsPass'),
  'event.giftcard_pay_done': notice('OrderId'),
  'event.giftcard_send_to_friend': notice('OrderId', 'IsReturnBack'),
  'event.giftcard_user_accept': notice('OrderId'),
} as const satisfies Record<string, Row>;

/**
 * What a callback's fields say, as a message of this account. Throws a Fault `callback.malformed` where a field that every message has
 * is missing, `callback.foreign-app` where it was meant for another account; a kind that nobody knows is kept as `unknown`.
 */
export function readInbound(account: Account, originalId: string, fields: Fields): Inbound {
  const text = (name: string) => firstOf(fields[name]);
  const openid = required(text, 'FromUserName');
  if (required(text, 'ToUserName') !== originalId) {
    throw fault('callback.foreign-app', 'The message is for another account: check its original id (gh_…) in the configuration.');
  }
  const createTime = required(text, 'CreateTime');
  if (!/^[0-9]{1,10}$/.test(createTime))
    throw fault('callback.malformed', 'The CreateTime of the message is no number of seconds.');
  const type = required(text, 'MsgType');
  const isEvent = type.toLowerCase() === 'event';
  const kind = (isEvent ? `event.${required(text, 'Event')}` : type).toLowerCase();
  // No message may pass for an event by its name.
  const known = isEvent || !type.includes('.') ? rows.get(kind) : undefined;
  return {
    account,
    openid,
    sentAt: Number(createTime) * 1000,
    key: keyOf(fields, openid, createTime, kind, known?.row.key),
    content: known?.row.content(text, known.name) ?? { kind: 'unknown', name: known?.name ?? kind },
    fields,
  };
}

const rows = new Map(Object.entries<Row>(inboundKinds).map(([kind, row]) => [kind.toLowerCase(), { row, name: kind }]));

const maxOpenidLength = 128;

function required(text: ReadField, name: string): string {
  const value = text(name);
  if (value === '') throw fault('callback.malformed', `The message has no ${name}.`);
  if (name === 'FromUserName' && value.length > maxOpenidLength) throw fault('callback.malformed', `The ${name} is too long.`);
  return value;
}

function firstOf(value: string | readonly string[] | undefined): string {
  return (typeof value === 'object' ? value[0] : value) ?? '';
}

/**
 * MsgId alone has collided between senders (wechat.md §1.2), so the sender is part of every key. An unknown kind is keyed by all that it
 * says. MsgId or time comes first: they grow, and so an index over keys grows at its end. The rest is a digest, since keys become the
 * unique numbers of what is never deleted, and stand in logs: they name no person and hold no word of the message.
 */
function keyOf(
  fields: Fields,
  openid: string,
  createTime: string,
  kind: string,
  keyFields: readonly string[] | undefined,
): string {
  const messageId = firstOf(fields.MsgId);
  if (/^\d{1,20}$/.test(messageId)) return `${messageId}:${digest(openid)}`;
  const told = keyFields ? keyFields.map((name) => fields[name] ?? '') : fields;
  return `${createTime}:${digest(JSON.stringify([openid, kind, messageId, told]))}`;
}

function digest(value: string): string {
  return hash('sha1', value);
}

function given(value: string, content: (value: string) => Content): Content | undefined {
  return value === '' ? undefined : content(value);
}

function optional<Name extends string>(name: Name, value: string): { [name in Name]?: string } {
  return value === '' ? {} : ({ [name]: value } as { [name in Name]: string });
}

function place(x: string, y: string, content: (at: { latitude: number; longitude: number }) => Content): Content | undefined {
  const latitude = decimal(x);
  const longitude = decimal(y);
  if (latitude === undefined || Math.abs(latitude) > 90) return undefined;
  if (longitude === undefined || Math.abs(longitude) > 180) return undefined;
  return content({ latitude, longitude });
}

function decimal(text: string): number | undefined {
  return /^-?[0-9]{1,9}(\.[0-9]{0,20})?$/.test(text) ? Number(text) : undefined;
}

/** A follow through an entry code carries it behind `qrscene_`; other prefixes, such as `last_trade_no_` after a payment, name no code. */
function entryCode(eventKey: string): { entryCode?: string } {
  const prefix = 'qrscene_';
  return eventKey.startsWith(prefix) ? optional('entryCode', eventKey.slice(prefix.length)) : {};
}
