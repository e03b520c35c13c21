import type { Id } from './ids.ts';

/** As whom one account knows a person. */
export interface Sender {
  readonly accountId: Id<'account'>;
  readonly openid: string;
}

/** Whom an export or an erasure is about. An erasure that goes on after a kill still names the senders that were met when it began. */
export interface Person {
  readonly merchantId: Id<'merchant'>;
  readonly memberId: Id<'member'>;
  readonly senders: readonly Sender[];
}

/** What one room keeps about one person. */
export interface Personal {
  /** The name of the room's file in an export and of its line in the receipt of an erasure. */
  readonly room: string;
  /** All of it, as plain data; undefined when there is nothing. */
  read(): Promise<unknown>;
  /** Removes what identifies the person, also when part of it is gone already. False when there was nothing to remove. */
  erase(): Promise<boolean>;
}

/** How a room tells what it keeps about a person. */
export type PersonalOf = (person: Person) => Personal;
