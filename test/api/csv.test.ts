import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readProxies } from '../../server/api/address.ts';
import { createTimeWriter, streamCsv } from '../../server/api/csv.ts';
import { createEdge } from '../../server/api/edge.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';

interface Row {
  name: string;
  count?: number;
}
const columns = { name: ({ name }: Row) => name, count: ({ count }: Row) => count };

async function* given(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

async function textOf(rows: readonly Row[]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of streamCsv(given(rows), columns)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads RFC 4180 by its grammar. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows.slice(0, -1);
}

test('a table begins with its mark and its names, also when nothing stands below them', async () => {
  expect(await textOf([])).toBe('\ufeffname,count\r\n');
  expect(await textOf([{ name: '半日麦', count: 3 }, { name: 'bread' }])).toBe('\ufeffname,count\r\n半日麦,3\r\nbread,\r\n');
});

test('quotes, commas and line ends stay inside their cell', async () => {
  expect(await textOf([{ name: 'say "hi", twice\r\nor not\n' }])).toBe(
    '\ufeffname,count\r\n"say ""hi"", twice\r\nor not\n",\r\n',
  );
});

test('what a spreadsheet would take for a formula is text; a number stays a number', async () => {
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")', '＝1', '＋1', '－1', '＠1'];
  const [, ...cells] = parse(await textOf(formulas.map((name) => ({ name, count: -5 }))));
  expect(cells).toEqual(formulas.map((name) => [`'${name}`, '-5']));
});

test('whatever stands in the cells is read back as it was, but for the apostrophe before a formula', async () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '=', "'", 'a', ' ') }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (names) => {
      const text = await textOf(names.map((name) => ({ name })));
      const read = parse(text.slice(1))
        .slice(1)
        .map(([name = '']) => name);
      // What is no Unicode leaves as the sign for that.
      const sent = names.map((name) => Buffer.from(name).toString());
      expect(read.map((name, index) => (name === `'${sent[index]}` ? sent[index] : name))).toEqual(sent);
      for (const name of read) expect(name).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});

test('a table is written as it is read: the reader of it holds up who reads the rows, and who hangs up ends that', async () => {
  let read = 0;
  let isOver = false;
  async function* endless(): AsyncGenerator<Row> {
    try {
      for (;;) yield { name: `row ${++read}`, count: read };
    } finally {
      isOver = true;
    }
  }
  const table = streamCsv(endless(), columns);
  const first = await table[Symbol.asyncIterator]().next();
  expect(String(first.value)).toContain('row 1,1');
  for (let turn = 0; turn < 1_000; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(read).toBeLessThan(20_000);
  table.destroy();
  await expect.poll(() => isOver).toBe(true);
});

test('a failure while rows are read ends the table with an error, so that a part is not taken for the whole', async () => {
  async function* failing(): AsyncGenerator<Row> {
    yield { name: 'first' };
    throw new Error('the database is gone');
  }
  const table = streamCsv(failing(), columns);
  await expect(table.toArray()).rejects.toThrow('the database is gone');
});

test('times are written as the clocks of the zone show them, through the changes of their offset', () => {
  const at = (iso: string) => Date.parse(iso);
  expect(createTimeWriter('Asia/Shanghai')(at('2026-07-15T02:00:00.123Z'))).toBe('2026-07-15T10:00:00.123+08:00');
  expect(createTimeWriter('UTC')(at('2026-07-15T02:00:00Z'))).toBe('2026-07-15T02:00:00.000+00:00');
  expect(createTimeWriter('Asia/Kathmandu')(at('2026-07-15T23:59:59Z'))).toBe('2026-07-16T05:44:59.000+05:45');
  const berlin = createTimeWriter('Europe/Berlin');
  expect(berlin(at('2026-10-25T00:59:59Z'))).toBe('2026-10-25T02:59:59.000+02:00');
  expect(berlin(at('2026-10-25T01:00:00Z'))).toBe('2026-10-25T02:00:00.000+01:00');
  expect(createTimeWriter('America/St_Johns')(at('2026-01-01T00:00:00Z'))).toBe('2025-12-31T20:30:00.000-03:30');
  expect(berlin(undefined)).toBeUndefined();
});

test('a written time names the same moment as the number, in every zone', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('Asia/Shanghai', 'Europe/London', 'America/New_York', 'Pacific/Chatham', 'Asia/Urumqi'),
      fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2090, 0) }),
      (zone, at) => {
        expect(Date.parse(createTimeWriter(zone)(at) ?? '')).toBe(at);
      },
    ),
  );
});

test('a client that hangs up in the middle of an answer ends the reading behind it', async () => {
  let isOver = false;
  async function* endless(): AsyncGenerator<Row> {
    try {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        yield { name: 'x'.repeat(1_000) };
      }
    } finally {
      isOver = true;
    }
  }
  const edge = createEdge({
    clock: systemClock,
    ids: createIds(systemClock),
    log: createLog('silent'),
    proxies: readProxies('127.0.0.1'),
    timeRequests: (_, next) => next(),
    middlewares: [
      (ctx) => {
        ctx.body = streamCsv(endless(), columns);
      },
    ],
  });
  const url = await edge.listen(0, '127.0.0.1');
  const hangUp = new AbortController();
  const response = await fetch(url, { signal: hangUp.signal });
  await response.body?.getReader().read();
  expect(isOver).toBe(false);
  hangUp.abort();
  await expect.poll(() => isOver).toBe(true);
  await edge.close();
});
