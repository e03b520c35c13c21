import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WechatAccount } from '../../server/channels/wechat/index.ts';
import { openDatabase } from '../../server/database/index.ts';
import { createLog } from '../../server/kernel/log.ts';
import { accountIn, messageXml, send, unseal } from '../channels/wechat/platform.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** One message of the platform and what became of it. */
interface Sent {
  openid: string;
  xml: string;
  kind: 'follow' | 'text';
  /** The words of every answer that came back, the platform's later tries included. */
  answers: string[];
}

/** What is left in the database once all is over. */
export interface KillReport {
  sent: readonly Sent[];
  /** Answered at least once over HTTP. */
  acknowledged: number;
  rows: readonly { key: string; state: string; text?: string }[];
  followers: readonly { openid: string; memberId: string }[];
  members: number;
  happened: readonly { uniqueNumber: string }[];
}

const people = 12;
const messagesAtOnce = 24;

/**
 * Kills the server with SIGKILL in the middle of its work, `rounds` times, starts it again, and lets the platform try each message three
 * times. Real processes, the real disk, the embedded database on one folder.
 */
export async function tellOfKills(rounds: number): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'service-window-kill-'));
  const account = accountIn('safe', { appId: 'wx0123456789abcdef' });
  const server = await startServerProcess(environmentOf(account, folder));
  const sent: Sent[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const batch = Array.from({ length: messagesAtOnce }, (_, index) => newMessage(account, sent.length + index));
      sent.push(...batch);
      const unanswered = batch.map((message) => deliver(server, account, message));
      // At a random moment of the work, which takes some milliseconds: before the row, before the effect, before the answer.
      await new Promise((resolve) => setTimeout(resolve, randomInt(0, 40)));
      await server.kill();
      await Promise.all(unanswered);
      await server.restart();
      // The platform's second and third tries; who has been answered is sent again as well, as the platform does when its line breaks.
      for (let attempt = 2; attempt <= 3; attempt++) await Promise.all(batch.map((message) => deliver(server, account, message)));
    }
    await server.stop();
    return await report(folder, sent);
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function environmentOf(account: WechatAccount, folder: string): Record<string, string> {
  return {
    DATA_DIR: folder,
    WECHAT_APP_ID: account.appId,
    WECHAT_ORIGINAL_ID: account.originalId,
    WECHAT_TOKEN: account.token,
    WECHAT_ENCODING_AES_KEY: account.encodingAesKey ?? '',
  };
}

/** Every fourth is a stranger who follows, the rest ask for help; those are a few people, so that they race with themselves. */
function newMessage(account: WechatAccount, place: number): Sent {
  const kind = place % 4 === 0 ? 'follow' : 'text';
  const openid = kind === 'follow' ? `stranger-${place}` : `person-${place % people}`;
  const common = { ToUserName: account.originalId, FromUserName: openid, CreateTime: Math.floor(Date.now() / 1000) + place };
  const own: Record<string, string> =
    kind === 'follow' ? { MsgType: 'event', Event: 'subscribe' } : { Content: '帮助', MsgId: `9007199254740${place}` };
  return { openid, kind, xml: messageXml({ ...common, ...own }), answers: [] };
}

async function deliver(server: ServerProcess, account: WechatAccount, message: Sent): Promise<void> {
  const { query, body } = send(account, message.xml, Date.now());
  const parameters = new URLSearchParams(query as Record<string, string>);
  try {
    const response = await fetch(`${server.callbackUrl}?${parameters}`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/xml' },
      body: new Uint8Array(body),
    });
    const text = await response.text();
    if (response.status === 200) message.answers.push(text === 'success' ? text : contentOf(unseal(text, account)));
  } catch {
    // The line broke: the platform will try again.
  }
}

function contentOf(xml: string): string {
  return /<Content><!\[CDATA\[(.*)\]\]><\/Content>/s.exec(xml)?.[1] ?? '';
}

async function report(folder: string, sent: Sent[]): Promise<KillReport> {
  const database = await openDatabase({ dataDir: folder, name: 'service-window', log: createLog('silent') });
  try {
    const all = <Row>(name: string) => database.connection.collection(name).find({}).toArray() as unknown as Promise<Row[]>;
    const inbox = await all<{ message: { key: string }; state: string; answer?: { text?: string } }>('inbox');
    return {
      sent,
      acknowledged: sent.filter(({ answers }) => answers.length > 0).length,
      rows: inbox.map(({ message, state, answer }) => ({
        key: message.key,
        state,
        ...(answer?.text ? { text: answer.text } : {}),
      })),
      followers: await all('followers'),
      members: (await all('members')).length,
      happened: await all('happened'),
    };
  } finally {
    await database.close();
  }
}
