import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openDatabase } from '../../server/database/index.ts';
import { createLog } from '../../server/kernel/log.ts';
import { startServerProcess } from '../support/server-process.ts';
import { type Load, putLoad } from './load.ts';
import { accountOf, signMessages } from './messages.ts';
import { type Share, sharesOf } from './profile.ts';
import { quantile, type Spread, spreadOf } from './statistics.ts';

type Mode = 'plain' | 'safe';

/** One server in one mode. */
export interface WebhookRow {
  readonly server: string;
  readonly mode: Mode;
  readonly perSecond: Spread;
  /** Its rate by that of co-wechat in the same round. */
  readonly ratio: Spread;
  /** Of all rounds together, in ms. */
  readonly median: number;
  readonly p99: number;
}

export interface WebhookFigures {
  readonly rows: readonly WebhookRow[];
  /** Messages that the whole server acknowledged, and those that its database has afterwards; by mode. */
  readonly kept: readonly { mode: Mode; acknowledged: number; stored: number }[];
  /** What the whole server's time is made of in safe mode, by thread. */
  readonly shares: readonly Share[];
}

const connections = 64;
const rounds = 8;
const messagesARound = 8_000;
const standard = 'co-wechat';
const whole = 'everything on';
const compared = ['bare node:http', 'bare Koa', standard, 'channel path'];

/** Puts the same messages to every server in turn, round by round, so that what disturbs the machine disturbs all of them. */
export async function benchWebhook(): Promise<WebhookFigures> {
  const rows: WebhookRow[] = [];
  const kept: { mode: Mode; acknowledged: number; stored: number }[] = [];
  for (const mode of ['plain', 'safe'] as const) {
    const folder = await mkdtemp(join(tmpdir(), 'service-window-bench-'));
    try {
      const everything = await startWhole(mode, folder);
      const servers = [...(await Promise.all(compared.map((name) => startCompared(name, mode)))), everything];
      const loads = await alternate(servers, mode, everything.path);
      for (const { stop } of servers) await stop();
      rows.push(...servers.map(({ name }) => summarize(name, mode, loads)));
      kept.push({ mode, acknowledged: (rounds + 1) * messagesARound, stored: await countStored(folder) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { rows, kept, shares: await profileWhole() };
}

interface Server {
  readonly name: string;
  readonly url: string;
  stop(): Promise<unknown>;
}

async function alternate(servers: readonly Server[], mode: Mode, path: string): Promise<Map<string, Load[]>> {
  const loads = new Map<string, Load[]>(servers.map(({ name }) => [name, []]));
  // The first round warms everything up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const messages = signMessages(mode, messagesARound, path);
    const turn = round % servers.length;
    for (const { name, url } of [...servers.slice(turn), ...servers.slice(0, turn)]) {
      const load = await putLoad(url, messages, connections);
      if (round > 0) loads.get(name)?.push(load);
    }
  }
  return loads;
}

function summarize(server: string, mode: Mode, loads: Map<string, Load[]>): WebhookRow {
  const own = loads.get(server) ?? [];
  const others = loads.get(standard) ?? [];
  const latencies = Float64Array.from(own.flatMap((load) => [...load.latencies])).sort();
  return {
    server,
    mode,
    perSecond: spreadOf(own.map(({ perSecond }) => perSecond)),
    ratio: spreadOf(own.map(({ perSecond }, round) => perSecond / (others[round]?.perSecond ?? Number.NaN))),
    median: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

async function startCompared(name: string, mode: Mode): Promise<Server> {
  const script = join(import.meta.dirname, 'webhook-server.ts');
  // Ours as `npm start` starts it.
  const flags = name === whole ? ['--max-semi-space-size=8'] : [];
  const child: ChildProcess = spawn(process.execPath, [...flags, script, name, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = child.stdout ? await once(createInterface(child.stdout), 'line') : [];
  return {
    name,
    url,
    stop() {
      child.kill();
      return once(child, 'exit');
    },
  };
}

/** The server as an operator runs it beside a real account, on the embedded database. */
async function startWhole(
  mode: Mode,
  folder: string,
  environment: Record<string, string> = {},
): Promise<Server & { path: string }> {
  const { appId, originalId, token, encodingAesKey = '' } = accountOf(mode);
  const server = await startServerProcess({
    DATA_DIR: folder,
    WECHAT_APP_ID: appId,
    WECHAT_ORIGINAL_ID: originalId,
    WECHAT_TOKEN: token,
    WECHAT_MODE: mode,
    WECHAT_ENCODING_AES_KEY: encodingAesKey,
    ...environment,
  });
  return { name: whole, url: server.url, path: new URL(server.callbackUrl).pathname, stop: server.stop };
}

async function countStored(folder: string): Promise<number> {
  const database = await openDatabase({ dataDir: folder, name: 'service-window', log: createLog('error') });
  try {
    return await database.connection.collection('inbox').countDocuments({ state: 'answered' });
  } finally {
    await database.close();
  }
}

async function profileWhole(): Promise<Share[]> {
  const folder = await mkdtemp(join(tmpdir(), 'service-window-bench-'));
  const profiles = join(folder, 'profiles');
  try {
    const profiling = { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` };
    const { url, path, stop } = await startWhole('safe', join(folder, 'data'), profiling);
    for (let round = 0; round < 3; round++) await putLoad(url, signMessages('safe', messagesARound, path), connections);
    await stop();
    return await sharesOf(profiles);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
