import { accountIn, messageXml, send } from '../channels/wechat/platform.ts';

/** The account that every measured server answers for. */
export const accountOf = accountIn;

const followers = 500;
const words = ['帮助', '你好', '附近有什么店？', 'help'];
let lastMessageId = 0n;

/** Whole HTTP requests with messages that were never sent before, rightly signed at this moment, ready for the wire; `path` is the whole server's, the others answer anywhere. */
export function signMessages(mode: 'plain' | 'safe', count: number, path: string): Buffer[] {
  const account = accountOf(mode);
  return Array.from({ length: count }, (_, index) => {
    const fields = {
      FromUserName: `olPjZjsXuQPJoV0HlruZkNz${String(index % followers).padStart(5, '0')}`,
      CreateTime: Math.floor(Date.now() / 1000),
      Content: words[index % words.length] ?? '',
      MsgId: String(6_000_000_000_000_000_000n + ++lastMessageId),
    };
    const { query, body } = send(account, messageXml(fields), Date.now());
    return requestBytes(path, query, body);
  });
}

function requestBytes(path: string, query: Readonly<Record<string, string | undefined>>, body: Buffer): Buffer {
  const address = `${path}?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, value ?? '']))}`;
  const head = `POST ${address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
