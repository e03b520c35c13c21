import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly perSecond: number;
  /** How long each answer took, ascending, in ms. */
  readonly latencies: Float64Array;
}

/**
 * Sends whole HTTP requests over this many connections, each of which waits for its answer before it sends the next. Written on sockets,
 * since a client of node:http costs more than the servers that it is to measure. Rejects at the first answer that is not a 200.
 */
export async function putLoad(url: string, requests: readonly Buffer[], connections: number): Promise<Load> {
  const { hostname, port } = new URL(url);
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))));
  const latencies = new Float64Array(requests.length);
  let next = 0;
  const begun = performance.now();

  async function keepSending(socket: Socket) {
    const exchange = createExchange(socket);
    while (next < requests.length) {
      const index = next++;
      const request = requests[index];
      if (!request) return;
      const sent = performance.now();
      await exchange(request);
      latencies[index] = performance.now() - sent;
    }
  }

  try {
    await Promise.all(sockets.map(keepSending));
    return { perSecond: requests.length / ((performance.now() - begun) / 1000), latencies: latencies.sort() };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** One request after the other on one connection. */
function createExchange(socket: Socket): (request: Buffer) => Promise<void> {
  let received = '';
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const fail = (error: Error) => settle?.reject(error);
  socket.setEncoding('latin1');
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', (text: string) => {
    received += text;
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, headEnd))?.[1]);
    if (received.length < headEnd + 4 + length) return;
    const isGood = received.startsWith('HTTP/1.1 200') && received.length === headEnd + 4 + length;
    const answer = received;
    received = '';
    if (isGood) settle?.resolve();
    else fail(new Error(`not the answer that was expected: ${answer.slice(0, 500)}`));
  });
  return (request) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      socket.write(request);
    });
}
