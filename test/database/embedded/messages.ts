import { connect, type Socket } from 'node:net';
import { decode, encode } from '../../../server/database/embedded/bson.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { createFramer } from '../../../server/database/embedded/wire.ts';

export type Sequences = Record<string, Document[]>;

/** An OP_MSG as a driver writes it. */
export function opMsg(
  id: number,
  body: Document,
  { flags = 0, sequences = {} }: { flags?: number; sequences?: Sequences } = {},
): Buffer {
  const sections = [Buffer.concat([Buffer.from([0]), encode(body)])];
  for (const [name, documents] of Object.entries(sequences)) {
    const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map(encode)]);
    sections.push(Buffer.concat([Buffer.from([1]), int32(content.length + 4), content]));
  }
  return framed(id, 2013, Buffer.concat([int32(flags), ...sections]));
}

/** The OP_QUERY with which a driver greets. */
export function opQuery(id: number, namespace: string, body: Document): Buffer {
  return framed(id, 2004, Buffer.concat([int32(0), Buffer.from(`${namespace}\0`), int32(0), int32(-1), encode(body)]));
}

export function framed(id: number, opCode: number, content: Buffer): Buffer {
  return Buffer.concat([int32(16 + content.length), int32(id), int32(0), int32(opCode), content]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

export type RawClient = {
  socket: Socket;
  write(bytes: Buffer): void;
  /** The next reply, in the order of arrival; rejects when the connection ends first. */
  reply(): Promise<{ to: number; opCode: number; document: Document }>;
  closed: Promise<void>;
  close(): void;
};

/** A bare connection to a server, for what no driver would send. */
export async function rawClient(uri: string): Promise<RawClient> {
  const socket = connect(Number(new URL(uri).port), '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const arrived: Buffer[] = [];
  let asked: Array<{ resolve(message: Buffer): void; reject(error: Error): void }> = [];
  const receive = createFramer(
    (message) => {
      const first = asked.shift();
      if (first) first.resolve(message);
      else arrived.push(message);
    },
    (reason) => socket.destroy(new Error(reason)),
  );
  socket.on('data', receive);
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      for (const { reject } of asked) reject(new Error('the connection ended without a reply'));
      asked = [];
      resolve();
    }),
  );
  const next = (): Promise<Buffer> => {
    const message = arrived.shift();
    if (message) return Promise.resolve(message);
    return new Promise((resolve, reject) => asked.push({ resolve, reject }));
  };
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    closed,
    close: () => void socket.destroy(),
    async reply() {
      const message = await next();
      const opCode = message.readInt32LE(12);
      return { to: message.readInt32LE(8), opCode, document: decode(message.subarray(opCode === 1 ? 36 : 21)) };
    },
  };
}
