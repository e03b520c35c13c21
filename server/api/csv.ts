import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';

/** The columns of a table: the name in its first line, and what stands below it. */
export type CsvColumns<Item> = Readonly<Record<string, (item: Item) => string | number | boolean | undefined>>;

/** Rows written together: enough for speed, few enough to stay small in memory. */
const writtenTogether = 200;
const options = {
  record_delimiter: 'windows',
  // Spreadsheets take a lone line feed, or a lone return, for the end of a row too.
  quoted_match: /[\r\n]/,
  escape_formulas: true,
  cast: { boolean: String },
} as const;

/**
 * The items as a table that spreadsheets open: RFC 4180, UTF-8 with its mark, and what a spreadsheet would take for a formula begins with
 * an apostrophe. Items are read as fast as the reader takes them; a reader who hangs up ends the reading.
 */
export function streamCsv<Item>(items: AsyncIterable<Item>, columns: CsvColumns<Item>): Readable {
  return Readable.from(writeCsv(items, columns), { objectMode: false });
}

async function* writeCsv<Item>(items: AsyncIterable<Item>, columns: CsvColumns<Item>): AsyncGenerator<string> {
  const cells = Object.values(columns);
  let lines: unknown[][] = [Object.keys(columns)];
  let mark = '\ufeff';
  for await (const item of items) {
    lines.push(cells.map((cell) => cell(item)));
    if (lines.length < writtenTogether) continue;
    yield mark + stringify(lines, options);
    mark = '';
    lines = [];
  }
  if (lines.length > 0) yield mark + stringify(lines, options);
}

/** Writes times (epoch ms) in ISO 8601 as the clocks of this zone show them, with their offset; nothing for undefined. */
export function createTimeWriter(zone: string): (at: number | undefined) => string | undefined {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsets = new Map<number, string>();

  function offsetAt(at: number): string {
    const quarter = Math.floor(at / quarterHour);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    // "GMT+08:00", or "GMT" alone.
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    const offset = name.slice('GMT'.length) || '+00:00';
    if (offsets.size >= mostOffsets) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  }

  return (at) => {
    if (at === undefined) return undefined;
    const offset = offsetAt(at);
    const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
    const ahead = (hours * 60 + minutes) * 60_000 * (offset.startsWith('-') ? -1 : 1);
    return new Date(at + ahead).toISOString().slice(0, -1) + offset;
  };
}

/** Offsets change on quarters of an hour. */
const quarterHour = 900_000;
const mostOffsets = 10_000;
