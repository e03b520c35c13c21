import { PassThrough, type Readable } from 'node:stream';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { SandboxEvents } from './contract.ts';

/** What happens in the sandbox, told to every page that listens. */
export interface Events {
  publish<Name extends keyof SandboxEvents>(name: Name, data: SandboxEvents[Name]): void;
  /** Where the stream stands now. */
  cursor(): string;
  /** A stream of server-sent events from behind this cursor, or from now on. Throws the fault `server.unavailable` once closed. */
  stream(after?: string): Readable;
  /** Ends every stream. */
  close(): void;
}

/** How far a page can fall behind and still be told everything; beyond that it reads anew. */
const eventsKept = 1_000;
/** Bytes that may wait for a slow reader before its stream is ended: it comes back and goes on where it was. */
const longestBacklog = 1024 * 1024;
const heartbeat = 15_000;

/** `epoch` tells this start's cursors from those of earlier ones, which mean nothing any more. */
export function createEvents(clock: Clock, epoch: string): Events {
  const streams = new Set<PassThrough>();
  let kept: { number: number; text: string }[] = [];
  let last = 0;
  let isClosed = false;
  let stopHeartbeat = () => {};

  const cursorOf = (number: number) => `${epoch}.${number}`;

  function beat() {
    for (const stream of streams) write(stream, ':\n\n');
    stopHeartbeat = clock.after(heartbeat, beat);
  }
  stopHeartbeat = clock.after(heartbeat, beat);

  /** What a stream misses behind this cursor; undefined when that is no longer known. */
  function missedSince(cursor: string): string[] | undefined {
    const [cursorEpoch, digits = ''] = cursor.split('.');
    const number = /^\d{1,15}$/.test(digits) ? Number(digits) : -1;
    const oldest = last - kept.length;
    if (cursorEpoch !== epoch || number < oldest || number > last) return undefined;
    return kept.filter((event) => event.number > number).map(({ text }) => text);
  }

  return {
    cursor: () => cursorOf(last),

    publish(name, data) {
      last++;
      const text = format(cursorOf(last), name, data);
      kept.push({ number: last, text });
      if (kept.length > 2 * eventsKept) kept = kept.slice(-eventsKept);
      for (const stream of streams) write(stream, text);
    },

    stream(after) {
      if (isClosed) throw fault('server.unavailable', 'The sandbox is closing.');
      const stream = new PassThrough();
      const here = cursorOf(last);
      const missed = after === undefined ? [] : (missedSince(after) ?? [format(here, 'reset', { cursor: here })]);
      write(stream, ['retry: 1000\n\n', ...missed].join(''));
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      return stream;
    },

    close() {
      isClosed = true;
      stopHeartbeat();
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}

function format<Name extends keyof SandboxEvents>(id: string, name: Name, data: SandboxEvents[Name]): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function write(stream: PassThrough, text: string): void {
  if (stream.writableLength + stream.readableLength > longestBacklog) stream.destroy();
  else stream.write(text);
}
