import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStoredAnswers, type StoredAnswers } from '../../server/coordination/stored-answers.ts';
import type { Database } from '../../server/database/index.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createVault } from '../../server/kernel/vault.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

describe('a request with a name', () => {
  const clock = createManualClock();
  const vault = createVault([randomBytes(32)]);
  let database: Database;
  let answers: StoredAnswers;
  const openOne = () => openStoredAnswers({ database, clock, ids: createIds(clock), vault });
  beforeAll(async () => {
    database = await openTestDatabase();
    answers = await openOne();
  });
  afterAll(() => database.close());

  const named = (key: string, content = 'body', scope = 'lin') => ({ scope, key, content });

  async function beginMine(key: string, by: StoredAnswers = answers) {
    const found = await by.begin(named(key));
    if (found.state !== 'mine') throw new Error(`it is ${found.state}`);
    return found.work;
  }

  it('is worked once; its repeats get the stored answer, in another process too', async () => {
    await (await beginMine('once')).answer('done');
    expect(await (await openOne()).begin(named('once'))).toEqual({ state: 'answered', answer: 'done' });
  });

  it('is refused when it is another request by the same name', async () => {
    await beginMine('other');
    expect(await answers.begin(named('other', 'another body'))).toEqual({ state: 'other' });
  });

  it('is another when another sends it', async () => {
    await (await beginMine('mine')).answer('for lin only');
    expect((await answers.begin(named('mine', 'body', 'wang'))).state).toBe('mine');
    // Neither may a scope and a key be cut elsewhere.
    expect((await answers.begin({ scope: 'linm', key: 'ine', content: 'body' })).state).toBe('mine');
  });

  it('is worked by one of many who race', async () => {
    const others = await Promise.all([openOne(), openOne()]);
    const races = Array.from({ length: 12 }, (_, i) => (others[i % 2] ?? answers).begin(named('race')));
    const waiting = Promise.all(races);
    await keepMoving(clock, waiting, 200);
    expect((await waiting).filter(({ state }) => state === 'mine')).toHaveLength(1);
  });

  it('waits for the first, and says so when that takes too long', async () => {
    const work = await beginMine('slow');
    const repeat = answers.begin(named('slow'));
    await work.answer('at last');
    await keepMoving(clock, repeat, 1_000);
    expect(await repeat).toEqual({ state: 'answered', answer: 'at last' });
    await beginMine('slower');
    const second = answers.begin(named('slower'));
    await keepMoving(clock, second, 200);
    expect(await second).toEqual({ state: 'running' });
  });

  it('makes the same ids when its first worker was killed, and forgets that one’s answer', async () => {
    const first = await beginMine('killed');
    const made = [first.ids<'thing'>(), first.ids<'thing'>()];
    await clock.advance(15_000);
    const second = await beginMine('killed', await openOne());
    expect([second.ids<'thing'>(), second.ids<'thing'>()]).toEqual(made);
    expect(new Set(made).size).toBe(2);
    await first.answer('from the dead');
    await second.answer('from the living');
    expect(await answers.begin(named('killed'))).toEqual({ state: 'answered', answer: 'from the living' });
  });

  it('may be worked again at once when nothing came of it', async () => {
    const first = await beginMine('failed');
    const id = first.ids<'thing'>();
    await first.giveUp();
    expect((await beginMine('failed')).ids<'thing'>()).toBe(id);
  });

  it('leaves an answer that cannot be read from the database', async () => {
    await (await beginMine('secret')).answer('{"secret":"swk_once"}');
    expect(JSON.stringify(await database.connection.collection('answers').find().toArray())).not.toContain('swk_once');
  });

  it('is new again after a day', async () => {
    await (await beginMine('old')).answer('done');
    await clock.advance(86_400_001);
    await answers.prune();
    expect((await answers.begin(named('old'))).state).toBe('mine');
  });
});

/** Time goes on in small steps until the promise is settled. */
async function keepMoving(clock: ManualClock, promise: Promise<unknown>, step: number) {
  let isOver = false;
  void promise.finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(step);
}
