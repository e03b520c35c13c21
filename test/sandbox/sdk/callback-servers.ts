import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import coWechat from 'co-wechat';
import Koa from 'koa';
import { OfficialAccount, ServerRequest } from 'node-easywechat';

/** What an account is configured with on the side of its server. */
export interface Credentials {
  appId: string;
  appSecret: string;
  token: string;
  /** Absent where only plain messages come. */
  encodingAesKey?: string;
}

/** The elements of a message as the package read them, by their names. */
export type Elements = Readonly<Record<string, unknown>>;

/** What is answered, before each package writes it in its own way. */
export type Reply =
  | 'nothing'
  | { text: string }
  | { mediaId: string }
  | { article: { title: string; text: string; pictureUrl: string; url: string } }
  | { song: { title: string; text: string; url: string; thumbMediaId: string } }
  | { agent: string };

export interface CallbackServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server of callbacks as a public package makes it: what came is handed to `answer`. */
export type Serve = (credentials: Credentials, answer: (message: Elements) => Reply) => Promise<CallbackServer>;

/** co-wechat within a Koa of its own. */
export const serveByCoWechat: Serve = (credentials, answer) => {
  const { appId, token, encodingAesKey } = credentials;
  const config = { token, appid: appId, ...(encodingAesKey !== undefined && { encodingAESKey: encodingAesKey }) };
  const koa = new Koa();
  koa.silent = true;
  koa.use(coWechat(config).middleware(async (message) => writeForCoWechat(answer(message))));
  return listen(createServer(koa.callback()));
};

/** The server of a node-easywechat OfficialAccount. */
export const serveByEasyWechat: Serve = ({ appId, appSecret, token, encodingAesKey }, answer) => {
  const key = encodingAesKey === undefined ? {} : { aes_key: encodingAesKey };
  const config = { app_id: appId, secret: appSecret, token, ...key };
  return listen(
    createServer(async (request, response) => {
      try {
        const app = new OfficialAccount(config);
        app.setRequest(await ServerRequest.createFromIncomingMessage(request));
        const server = app.getServer().with(async (message) => writeForEasyWechat(answer(readForEasyWechat(message))));
        const answered = await server.serve();
        response.writeHead(answered.getStatusCode(), answered.getHeaders()).end(answered.getBody());
      } catch {
        refuse(response);
      }
    }),
  );
};

function writeForCoWechat(reply: Reply): unknown {
  if (reply === 'nothing') return '';
  if ('text' in reply) return reply.text;
  if ('mediaId' in reply) return { type: 'image', content: { mediaId: reply.mediaId } };
  if ('article' in reply) {
    const { title, text, pictureUrl, url } = reply.article;
    return [{ title, description: text, picurl: pictureUrl, url }];
  }
  if ('agent' in reply) return { type: 'customerService', kfAccount: reply.agent };
  const { title, text, url, thumbMediaId } = reply.song;
  return { type: 'music', content: { title, description: text, musicUrl: url, hqMusicUrl: url, thumbMediaId } };
}

function writeForEasyWechat(reply: Reply): unknown {
  if (reply === 'nothing') return true;
  if ('text' in reply) return reply.text;
  if ('mediaId' in reply) return { MsgType: 'image', Image: { MediaId: reply.mediaId } };
  if ('article' in reply) {
    const { title, text, pictureUrl, url } = reply.article;
    const item = { Title: title, Description: text, PicUrl: pictureUrl, Url: url };
    return { MsgType: 'news', ArticleCount: 1, Articles: { item: [item] } };
  }
  if ('agent' in reply) return { MsgType: 'transfer_customer_service', TransInfo: { KfAccount: reply.agent } };
  const { title, text, url, thumbMediaId } = reply.song;
  const music = { Title: title, Description: text, MusicUrl: url, HQMusicUrl: url, ThumbMediaId: thumbMediaId };
  return { MsgType: 'music', Music: music };
}

/** It writes itself as JSON. */
function readForEasyWechat(message: { toString(): string }): Elements {
  return JSON.parse(message.toString());
}

/** What a handler of node-easywechat throws is the host's to answer. */
function refuse(response: ServerResponse): void {
  response.writeHead(500).end();
}

async function listen(server: Server): Promise<CallbackServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/callback`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
