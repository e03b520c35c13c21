/** What a reader asks of a list: at most `limit` rows after the one that `cursor` names. */
export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** One page of a list, and what to ask next with; without it the list is over. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** A page of rows of which one more than the limit was asked for: whether that one came says whether the list goes on. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), ...(rows.length > limit && last !== undefined ? { next: cursorOf(last) } : {}) };
}
