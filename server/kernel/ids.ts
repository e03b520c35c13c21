import { randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';

declare const kind: unique symbol;

/** The id of one kind of thing: a string that the compiler does not take for another kind's. */
export type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** Makes ids of 26 characters that sort by the millisecond they were made in, so that an index grows at its end. */
export type Ids = <Kind extends string>() => Id<Kind>;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const randomBytesPerId = 16;
const idsPerFill = 256;

/** Ids of this clock. `fill` gives the random part (80 bits); the default is the system's cryptographic source. */
export function createIds(clock: Clock, fill: (bytes: Uint8Array) => void = randomFillSync): Ids {
  // Its own: two makers of ids that draw from one pool would draw the same.
  const pool = new Uint8Array(randomBytesPerId * idsPerFill);
  let used = pool.length;
  let lastTime = -1;
  let prefix = '';
  return <Kind extends string>() => {
    const time = clock.now();
    if (time !== lastTime) {
      lastTime = time;
      prefix = encodeTime(time);
    }
    if (used === pool.length) {
      fill(pool);
      used = 0;
    }
    let id = prefix;
    for (let end = used + randomBytesPerId; used < end; used++) id += alphabet[(pool[used] ?? 0) & 31];
    return id as Id<Kind>;
  };
}

/** What sorts before every id of this millisecond and after every id of those before it. */
export const idFloor = (at: number): string => encodeTime(at);

function encodeTime(time: number): string {
  let text = '';
  for (let rest = time, digit = 0; digit < 10; digit++, rest = Math.floor(rest / 32)) text = alphabet[rest % 32] + text;
  return text;
}
