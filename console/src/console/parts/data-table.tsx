import { Button } from 'antd';
import type { ReactNode } from 'react';
import type { ListResource } from '../api/resource.ts';
import { useTexts } from '../texts/texts.ts';
import './data-table.css';

export interface Column<Row> {
  title: string;
  /** Numbers stand right, so that they can be compared. */
  isNumber?: boolean;
  /** Is the title only read out: for a column of actions. */
  isQuiet?: boolean;
  cell(row: Row): ReactNode;
}

interface DataTableProps<Row> {
  /** What the table is, read out before it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  /** What is shown below a row that is open; undefined where it is closed. */
  below?: (row: Row) => ReactNode;
}

/** A dense table with a head that stays. Where there is no width for it each row becomes a block that names its cells. */
export function DataTable<Row>({ caption, columns, rows, keyOf, below }: DataTableProps<Row>) {
  return (
    <table className="data-table">
      <caption className="sr">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ title, isNumber, isQuiet }) => (
            <th key={title} scope="col" className={isNumber ? 'num' : undefined}>
              {isQuiet ? <span className="sr">{title}</span> : title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <TableRow key={keyOf(row)} row={row} columns={columns} below={below?.(row)} />
        ))}
      </tbody>
    </table>
  );
}

function TableRow<Row>({ row, columns, below }: { row: Row; columns: readonly Column<Row>[]; below: ReactNode }) {
  return (
    <>
      <tr>
        {columns.map(({ title, isNumber, isQuiet, cell }) => (
          <td key={title} data-title={isQuiet ? undefined : title} className={isNumber ? 'num' : undefined}>
            {cell(row)}
          </td>
        ))}
      </tr>
      {below && (
        <tr className="below">
          <td colSpan={columns.length}>{below}</td>
        </tr>
      )}
    </>
  );
}

/** Reads on where the list goes on. */
export function ReadMore({ list, label }: { list: ListResource<unknown>; label?: string }) {
  const texts = useTexts();
  if (!list.hasMore) return null;
  return (
    <p className="read-more">
      <Button loading={list.isReadingMore} onClick={list.readMore}>
        {label ?? texts.more}
      </Button>
    </p>
  );
}
