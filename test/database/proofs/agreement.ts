import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type mongoose from 'mongoose';

/** Throws unless each index of the collection leads to exactly the documents that a scan without any index finds. */
export async function expectIndexesAgree(collection: mongoose.mongo.Collection): Promise<void> {
  const scanned = idsOf(await collection.find({}, { hint: { $natural: 1 } }).toArray());
  assert.equal(await collection.countDocuments(), scanned.length);
  for (const { name, key } of await collection.listIndexes().toArray()) {
    const sorted = await collection.find({}, { hint: name, sort: key }).toArray();
    assert.deepEqual(idsOf(sorted), scanned, `index ${name} of ${collection.collectionName}`);
  }
}

/** Opens the files of a database that no process has open, as SQLite recovers them, and throws unless they are sound. */
export function expectSoundFiles(folder: string): void {
  const files = readdirSync(folder).filter((name) => /\.(sqlite|db)$/.test(name));
  assert.ok(files.length > 0, `no database file in ${folder}`);
  for (const name of files) {
    const file = new DatabaseSync(join(folder, name));
    assert.equal(file.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok', name);
    file.close();
  }
}

function idsOf(documents: mongoose.mongo.Document[]): string[] {
  return documents.map(({ _id }) => JSON.stringify(_id)).sort();
}
