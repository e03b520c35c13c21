import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from './accounts.ts';
import { customerMessageCalls } from './calls/customer-messages.ts';
import { materialCalls } from './calls/material.ts';
import { mediaCalls } from './calls/media.ts';
import { quotaCalls } from './calls/quotas.ts';
import type { RidRecords } from './calls/rid-records.ts';
import type { CallRow, CallRows } from './calls/row.ts';
import { subscriptionCalls } from './calls/subscriptions.ts';
import { templateCalls } from './calls/templates.ts';
import { tokenCalls } from './calls/tokens.ts';
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
  const families: CallRows[] = [
    tokenCalls(parts),
    quotaCalls(parts, (name) => table.get(name)),
    await mediaCalls(parts),
    await materialCalls(parts),
    await customerMessageCalls(parts),
    await templateCalls(parts),
    await subscriptionCalls(parts),
  ];
  const table: Map<string, CallRow> = new Map(families.flatMap(Object.entries<CallRow>));
  return table;
}
