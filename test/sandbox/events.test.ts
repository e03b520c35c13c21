import { expect, test } from 'vitest';
import { createEvents } from '../../server/sandbox/events.ts';
import { createManualClock } from '../support/clock.ts';

const notice = { cursor: 'x' };

test('a stream on which nothing happens is kept alive every fifteen seconds', async () => {
  const clock = createManualClock();
  const events = createEvents(clock, 'start');
  const stream = events.stream();
  expect(String(stream.read())).toBe('retry: 1000\n\n');
  await clock.advance(14_999);
  expect(stream.read()).toBeNull();
  await clock.advance(15_001);
  expect(String(stream.read())).toBe(':\n\n:\n\n');
  events.close();
  await clock.advance(60_000);
  expect(stream.read()).toBeNull();
});

test('a page that stayed away for longer than events are kept reads anew', () => {
  const events = createEvents(createManualClock(), 'start');
  const [begin, soon] = [events.cursor(), 'start.2500'];
  for (let times = 0; times < 3_000; times++) events.publish('reset', notice);
  expect(String(events.stream(begin).read())).toContain('data: {"cursor":"start.3000"}');
  const missed = String(events.stream(soon).read()).match(/^id: .*/gm) ?? [];
  expect([missed.length, missed[0], missed.at(-1)]).toEqual([500, 'id: start.2501', 'id: start.3000']);
});

test('a reader that does not read is cut off, and the others go on', () => {
  const events = createEvents(createManualClock(), 'start');
  const [stuck, reading] = [events.stream(), events.stream()];
  let read = '';
  for (let times = 0; times < 40; times++) {
    events.publish('reset', { cursor: 'x'.repeat(64 * 1024) });
    read += String(reading.read() ?? '');
  }
  expect(stuck.destroyed).toBe(true);
  expect(reading.destroyed).toBe(false);
  expect(read.match(/^id: /gm)).toHaveLength(40);
});
