import type { Socket } from 'node:net';
import { isNumeric, toNumber } from './bson.ts';
import type { Logger } from './commands/context.ts';
import type { Peer, Queue } from './queue.ts';
import { createFramer, parseMessage } from './wire.ts';

/** Reads commands from a socket into the queue. A malformed message closes this connection and no other. */
export function serveConnection(socket: Socket, id: number, queue: Queue, log: Logger): Peer {
  socket.setNoDelay(true);
  const peer: Peer = {
    id,
    send: (message) => void socket.write(message),
    close: () => void socket.destroy(),
    stalled: undefined,
    held: [],
  };
  const giveUp = (reason: string) => {
    log.warn({ connection: id, reason }, 'connection.refused');
    socket.destroy();
  };
  const receive = createFramer((message) => {
    if (socket.destroyed) return;
    try {
      const request = parseMessage(message);
      const limit = request.body.maxTimeMS;
      const deadlineAt = isNumeric(limit) && toNumber(limit) > 0 ? Date.now() + toNumber(limit) : Infinity;
      queue.push({ request, peer, deadlineAt });
    } catch (error) {
      giveUp(error instanceof Error ? error.message : 'malformed message');
    }
  }, giveUp);
  socket.on('data', receive);
  // A client that goes away is no fault.
  socket.on('error', () => socket.destroy());
  return peer;
}
