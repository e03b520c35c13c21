import type { FollowerRecord, Records } from '../records.ts';
import { textOf } from './fields.ts';
import { type AccountCall, refuse } from './row.ts';

/** Whom the call names as `touser`: a person whom this account knows, following or not. */
export async function receiverOf(records: Records, { account, body }: AccountCall): Promise<FollowerRecord> {
  const openid = textOf(body, 'touser', [41009, 'missing openid']);
  const person = await records.findFollower(openid);
  return person?.appId === account.appId ? person : refuse('value-wrong', 40003, 'invalid openid');
}

/** Refuses what is for somebody who does not follow, or whom the account has blocked. */
export function checkFollows({ isFollowing, isBlocked }: FollowerRecord): void {
  if (!isFollowing) refuse('not-to-this-person', 43004, 'require subscribe');
  if (isBlocked) refuse('not-to-this-person', 43019, 'require remove blacklist');
}

/** Refuses what is for somebody who has switched the account's messages off. */
export function checkTakesMessages({ refusesMessages }: FollowerRecord): void {
  if (refusesMessages) refuse('not-to-this-person', 48002, 'fans closed message receiving');
}
