import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { authorizeCalls } from './calls/authorize.ts';
import { openCodeRecords } from './calls/code-records.ts';
import { codeCalls } from './calls/codes.ts';
import { customerMessageCalls } from './calls/customer-messages.ts';
import { datacubeCalls } from './calls/datacube.ts';
import { openDatacubeRecords } from './calls/datacube-records.ts';
import { draftCalls } from './calls/drafts.ts';
import { openLoginRecords } from './calls/login-records.ts';
import { massCalls } from './calls/mass.ts';
import { materialCalls } from './calls/material.ts';
import { mediaCalls } from './calls/media.ts';
import { openMenuRecords } from './calls/menu-records.ts';
import { menuCalls } from './calls/menus.ts';
import { miniLinkCalls } from './calls/mini-links.ts';
import { miniLoginCalls } from './calls/mini-login.ts';
import { peopleCalls } from './calls/people.ts';
import { openPeopleRecords } from './calls/people-records.ts';
import { quotaCalls } from './calls/quotas.ts';
import type { RidRecords } from './calls/rid-records.ts';
import type { CallRow, CallRows } from './calls/row.ts';
import { subscriptionCalls } from './calls/subscriptions.ts';
import { tagCalls } from './calls/tags.ts';
import { templateCalls } from './calls/templates.ts';
import { tokenCalls } from './calls/tokens.ts';
import { webLoginCalls } from './calls/web-login.ts';
import type { Events } from './events.ts';
import type { Platform } from './platform.ts';
import type { Post } from './post.ts';
import type { Quotas } from './quotas.ts';
import type { Records } from './records.ts';
import type { Tokens } from './tokens.ts';
import type { Work } from './work.ts';

/** What the families of calls are made of. Each opens its own collections in `database` (`*-records.ts`). */
export interface CallParts {
  readonly database: Database;
  /** Accounts, followers, chats. */
  readonly records: Records;
  readonly tokens: Tokens;
  readonly quotas: Quotas;
  /** The refused calls. */
  readonly rids: RidRecords;
  /** Where the account's callbacks go; undefined until it is connected. */
  callbackOf(appId: string): URL | undefined;
  /** What people's phones do, and how the server is told. */
  readonly platform: Platform;
  /** What the platform brings of its own accord: lines into chats, events to the server. */
  readonly post: Post;
  /** What is done later, behind an answer. */
  readonly work: Work;
  /** What the page is told. */
  readonly events: Events;
  readonly clock: Clock;
  readonly random: Random;
}

export type CallTable = ReadonlyMap<string, CallRow>;

/** Every call there is, by its path: a further family is one line, a further call one row of its family. */
export async function openCallTable(parts: CallParts): Promise<CallTable> {
  const { database } = parts;
  const people = await openPeopleRecords(database);
  const codes = await openCodeRecords(database);
  const logins = await openLoginRecords(database);
  const families: CallRows[] = [
    tokenCalls(parts),
    quotaCalls(parts, (name) => table.get(name)),
    peopleCalls(parts, people),
    tagCalls(parts, people),
    menuCalls(parts, await openMenuRecords(database)),
    codeCalls(parts, codes),
    miniLinkCalls(parts, codes),
    webLoginCalls(parts, logins),
    miniLoginCalls(parts, logins),
    authorizeCalls(parts, logins),
    datacubeCalls(openDatacubeRecords(database)),
    await mediaCalls(parts),
    await materialCalls(parts),
    await customerMessageCalls(parts),
    await templateCalls(parts),
    await subscriptionCalls(parts),
    await draftCalls(parts),
    await massCalls(parts, people),
  ];
  const table: Map<string, CallRow> = new Map(families.flatMap(Object.entries<CallRow>));
  return table;
}
