import type { Account, Check, DeliveryState, Mode, RuleCode } from '../../../../server/sandbox/contract.ts';
import { type Language, type Theme, usePreferences } from '../../shared/preferences.ts';
import type { WireQuery } from '../view.ts';
import { en } from './en.ts';
import type { PhoneTexts } from './phone-texts.ts';
import type { WorldTexts } from './world-texts.ts';
import { zh } from './zh.ts';

type Named = (name: string) => string;
type Counted = (count: number) => string;

/** Every word of the page, once a language. */
export interface Texts {
  title: string;
  sandbox: string;
  console: string;
  accountKind: Record<Account['kind'], string>;
  verified: string;
  notVerified: string;
  mode: Record<Mode, string>;
  accounts: AccountTexts;
  onPhone: PhoneTexts;
  world: WorldTexts;
  language: { switchTo: string; label: string };
  theme: Record<Theme, string>;
  views: { label: string; phone: string; wire: string; world: string };
  people: string;
  notFollowing: string;
  gone: string;
  addPerson: string;
  addShort: string;
  newName: string;
  newNameExample: string;
  add: string;
  lost: string;
  failedTitle: string;
  failedText: string;
  tryNow: string;
  loading: string;
  phoneOf: Named;
  chatWith: Named;
  profile: string;
  noPeople: string;
  older: string;
  followed: Named;
  unfollowed: Named;
  yesterday: string;
  you: string;
  delivery: Record<DeliveryState, string>;
  place: string;
  picture: string;
  voice: string;
  video: string;
  music: string;
  coupon: string;
  miniProgram: string;
  /** Where a message leads. */
  details: string;
  typing: string;
  subscriptions: { label: string; receive: string; left: Counted; allow: string; end: string };
  input: string;
  send: string;
  left: Counted;
  tooLong: Counted;
  follow: string;
  followAgain: string;
  introduction: Named;
  introductionGone: Named;
  notSent: string;
  notDone: string;
  refused: (reason: string) => string;
  close: string;
  yourOpenid: string;
  originalId: string;
  appId: string;
  callbackUrl: string;
  notConnected: string;
  followedSince: string;
  unfollow: string;
  unfollowMeans: Named;
  copy: (what: string) => string;
  copied: string;
  wire: string;
  live: string;
  paused: string;
  filter: string;
  shows: Record<WireQuery['show'], string>;
  find: string;
  findLabel: string;
  fromPlatform: string;
  toPlatform: string;
  rows: Counted;
  moreRows: string;
  emptyWire: string;
  emptyWireText: string;
  nothingFound: string;
  nothingOf: Record<Exclude<WireQuery['show'], 'all'>, string>;
  showAll: string;
  attempt: Counted;
  tries: string;
  /** By MsgType or Event; a kind that is not here is shown by its own name. */
  kinds: Readonly<Record<string, string>>;
  rules: Record<RuleCode, string>;
  checks: Record<Check['name'], string>;
  checked: string;
  checkedCall: string;
  passed: string;
  notPassed: string;
  request: string;
  answer: string;
  rawSealed: string;
  raw: string;
  opened: string;
  samePlain: string;
  noAnswer: string;
  noDecoded: string;
  cut: string;
  rule: (section: string) => string;
  milliseconds: Counted;
  reading: string;
  notRead: string;
}

/** The words of the owner's page. */
export interface AccountTexts {
  open: string;
  title: string;
  about: string;
  list: string;
  add: string;
  name: string;
  nameExample: string;
  kind: string;
  register: string;
  appSecret: string;
  see: Named;
  server: string;
  serverAbout: string;
  url: string;
  token: string;
  tokenRule: string;
  encodingAesKey: string;
  encodingAesKeyRule: string;
  encodingAesKeyPlain: string;
  mode: string;
  submit: string;
  submitting: string;
  accepted: string;
  notAccepted: (reason: string) => string;
  /** Why the platform did not accept an address, by rule; others by their short name. */
  because: Readonly<Partial<Record<RuleCode, string>>>;
  /** And what a status other than 200 most likely means. */
  status: (status: number) => string;
  seeWire: string;
  addresses: string;
  addressesAbout: string;
  addressesLabel: string;
  save: string;
  saved: string;
}

/** An account's kind and whether it is verified, in a few words. */
export function describeKind({ kind, isVerified }: Account, texts: Texts): string {
  return isVerified ? texts.accountKind[kind] : `${texts.notVerified}${texts.accountKind[kind]}`;
}

const byLanguage: Record<Language, Texts> = { zh, en };

/** The page's words in the reader's language. */
export function useTexts(): Texts {
  return byLanguage[usePreferences()[0].language];
}
