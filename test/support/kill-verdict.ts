import { expect } from 'vitest';
import type { KillReport } from './kill-story.ts';

/** What must hold however often the server was killed. */
export function expectNothingLost({ sent, acknowledged, rows, followers, members, happened }: KillReport): void {
  // The platform tried each three times and the server was up for two of them.
  expect(acknowledged).toBe(sent.length);
  // One row a message, each with its answer.
  expect(rows).toHaveLength(sent.length);
  expect(rows.filter(({ state }) => state !== 'answered')).toEqual([]);
  // Whatever was answered over HTTP is what is stored: the same words at every try.
  for (const { answers } of sent) expect(new Set(answers.filter((answer) => answer !== 'success')).size).toBeLessThanOrEqual(1);
  // One follower and one member a person, one effect a follow.
  expect(followers.map(({ openid }) => openid).sort()).toEqual([...new Set(sent.map(({ openid }) => openid))].sort());
  expect(new Set(followers.map(({ memberId }) => memberId)).size).toBe(followers.length);
  expect(members).toBe(followers.length);
  const follows = sent.filter(({ kind }) => kind === 'follow');
  expect(happened).toHaveLength(follows.length);
  expect(new Set(happened.map(({ uniqueNumber }) => uniqueNumber)).size).toBe(follows.length);
}
