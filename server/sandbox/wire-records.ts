import type { mongo } from 'mongoose';
import { escapePattern } from '../kernel/pattern.ts';
import type { WireDetail, WireRow } from './contract.ts';
import { createSequence, type Sequence, sequenceId } from './sequence.ts';

/** `words` is what the log is searched by. */
type WireRecord = Omit<WireDetail, 'id'> & { _id: string; words: string };

/** Which rows of the wire log; `before` is the id of the oldest row seen so far. */
export interface WireQuery {
  before?: string | undefined;
  limit: number;
  find?: string | undefined;
  kind?: string | undefined;
  direction?: WireRow['direction'] | undefined;
  verdict?: WireRow['verdict'] | undefined;
}

/** The wire log keeps this many rows, and is cut back to them each time this many more have come. */
const wireRowsKept = 5_000;
const wireRowsBetweenCuts = 100;

/** The rows of the wire log. */
export async function openWireRecords(database: mongo.Db) {
  const wire = database.collection<WireRecord>('wire');
  await wire.createIndex({ deliveryId: 1, _id: 1 });

  return {
    nextId: await sequenceOf(wire),

    async add(session: mongo.ClientSession, row: WireDetail): Promise<void> {
      await wire.insertOne(wireRecord(row), { session });
    },
    /** Forgets the oldest rows, once enough have come up to the newest. */
    async cut(newest: string): Promise<void> {
      const number = Number(newest);
      if (number % wireRowsBetweenCuts !== 0) return;
      await wire.deleteMany({ _id: { $lte: sequenceId(Math.max(0, number - wireRowsKept)) } });
    },

    async triesOf(deliveryId: string): Promise<WireRow[]> {
      return (await wire.find({ deliveryId }, withoutDetail).sort({ _id: 1 }).toArray()).map(rowOf);
    },
    async rows({ before, limit, find, kind, direction, verdict }: WireQuery): Promise<WireRow[]> {
      const filter: mongo.Filter<WireRecord> = {
        ...(before !== undefined && { _id: { $lt: before } }),
        ...(kind !== undefined && { kind }),
        ...(direction !== undefined && { direction }),
        ...(verdict !== undefined && { verdict }),
        ...(find !== undefined && { words: { $regex: escapePattern(find.toLowerCase()) } }),
      };
      return (await wire.find(filter, withoutDetail).sort({ _id: -1 }).limit(limit).toArray()).map(rowOf);
    },
    async detail(id: string): Promise<WireDetail | undefined> {
      const record = await wire.findOne({ _id: id });
      return record ? rowOf(record) : undefined;
    },
  };
}

/** A sequence that goes on behind the ids of these rows. */
export async function sequenceOf<Row extends { _id: string }>(rows: mongo.Collection<Row>): Promise<Sequence> {
  const last = await rows
    .find({}, { projection: { _id: 1 } })
    .sort({ _id: -1 })
    .limit(1)
    .next();
  return createSequence(last?._id);
}

const withoutDetail = { projection: { request: 0, answer: 0, checks: 0, why: 0 } };

function wireRecord({ id, ...row }: WireDetail): WireRecord {
  const messageId = /<MsgId>(\d+)<\/MsgId>/.exec(row.request.decoded ?? '')?.[1];
  const words = [row.openid, row.followerName, row.kind, row.excerpt, row.deliveryId, row.rule, row.fault, row.status, messageId];
  return {
    _id: id,
    ...row,
    words: words
      .filter((word) => word !== undefined)
      .join('\n')
      .toLowerCase(),
  };
}

function rowOf<Row extends { _id: string; words: string }>({
  _id,
  words: _,
  ...row
}: Row): Omit<Row, '_id' | 'words'> & { id: string } {
  return { id: _id, ...row };
}
