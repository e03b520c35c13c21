import { writeFile } from 'node:fs/promises';
import { cpus, platform } from 'node:os';
import { join } from 'node:path';
import { benchDatabase, type Row } from './database.ts';
import { benchStart, type StartFigures } from './start.ts';
import type { Spread } from './statistics.ts';
import { benchWebhook, type WebhookFigures } from './webhook.ts';

const webhook = await benchWebhook();
const start = await benchStart();
const database = await benchDatabase();
const text = [heading(), webhookSection(webhook), startSection(start), databaseSection(database)].join('\n\n');
await writeFile(join(import.meta.dirname, 'results.md'), `${text}\n`);
process.stdout.write(`${text}\n`);

function heading(): string {
  const [processor] = cpus();
  return [
    '# What was measured',
    '',
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${processor?.model.trim()}, ${platform()}, Node ${process.version}.`,
    'Rates depend on the machine; ratios, taken in the same round, much less. Spreads are median (lower–upper quartile).',
  ].join('\n');
}

function webhookSection({ rows, kept, shares }: WebhookFigures): string {
  return [
    '## Webhook',
    '',
    'Rightly signed messages that were never sent before, 64 connections, each server in a process of its own, the load from another; the same',
    'messages to each in turn, round by round. co-wechat is its echo bot on Koa: it stores nothing. The channel path verifies, opens, parses,',
    'composes and seals on our edge, without a database. Everything on is the whole server on the embedded database: a message is on the disk before it is worked.',
    '',
    table(
      ['mode', 'server', 'messages/s', '÷ co-wechat', 'p50 ms', 'p99 ms'],
      rows.map((row) => [
        row.mode,
        row.server,
        spread(row.perSecond, 0),
        spread(row.ratio, 2),
        row.median.toFixed(1),
        row.p99.toFixed(1),
      ]),
    ),
    '',
    ...kept.map(
      ({ mode, acknowledged, stored }) =>
        `- ${mode}: ${acknowledged} messages acknowledged, ${stored} stored with their answers.`,
    ),
    '',
    'What the whole server’s time is made of in safe mode, by thread, as a sampling profile tells:',
    '',
    table(
      ['thread', 'part', 'share'],
      shares.map(({ thread, part, share }) => [thread, part, `${(share * 100).toFixed(0)} %`]),
    ),
  ].join('\n');
}

function startSection({ seconds, megabytes }: StartFigures): string {
  return [
    '## Start',
    '',
    `\`npm start\` on a built tree and an empty data folder gives the page after ${seconds.toFixed(2)} s; idle, the server takes ${megabytes.toFixed(0)} MB.`,
  ].join('\n');
}

function databaseSection(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, ratio }) => [
    name,
    `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`,
    ratio === undefined ? '' : ratio.toFixed(2),
  ]);
  return ['## Embedded database', '', table(['', 'value', 'ratio'], cells)].join('\n');
}

function spread({ median, lower, upper }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lower.toFixed(digits)}–${upper.toFixed(digits)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
