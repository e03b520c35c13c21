import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;

/** What SQLite itself does on this disk, called directly: one document a commit, synchronous=FULL, no driver, socket or index. */
export type BareSqlite = {
  insert(document: mongoose.mongo.Document): void;
  read(id: number): mongoose.mongo.Document;
  /** Reads, changes and writes one document. */
  update(id: number): void;
  transaction(work: () => void): void;
  close(): void;
};

/** Opens a file of its own in `folder`, with documents 0 to `documents` − 1. */
export function openBareSqlite(folder: string, documents: mongoose.mongo.Document[]): BareSqlite {
  const file = new DatabaseSync(join(folder, 'bare.sqlite'));
  file.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE d (id INTEGER PRIMARY KEY, doc BLOB NOT NULL)');
  const insertRow = file.prepare('INSERT INTO d (doc) VALUES (?)');
  const insertAt = file.prepare('INSERT INTO d (id, doc) VALUES (?, ?)');
  const readRow = file.prepare('SELECT doc FROM d WHERE id = ?');
  const updateRow = file.prepare('UPDATE d SET doc = ? WHERE id = ?');

  const bare: BareSqlite = {
    insert: (document) => insertRow.run(BSON.serialize(document)),
    read(id) {
      const doc = readRow.get(id)?.doc;
      if (!(doc instanceof Uint8Array)) throw new Error(`no row ${id}`);
      return BSON.deserialize(doc);
    },
    update(id) {
      const document = bare.read(id);
      document.touched += 1;
      updateRow.run(BSON.serialize(document), id);
    },
    transaction(work) {
      file.exec('BEGIN IMMEDIATE');
      work();
      file.exec('COMMIT');
    },
    close: () => file.close(),
  };
  bare.transaction(() => {
    for (const [id, document] of documents.entries()) insertAt.run(id, BSON.serialize(document));
  });
  return bare;
}
