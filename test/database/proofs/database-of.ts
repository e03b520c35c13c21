import type mongoose from 'mongoose';
import type { Database } from '../../../server/database/index.ts';

/** The driver's own database behind mongoose's connection. */
export function databaseOf({ connection }: Database): mongoose.mongo.Db {
  if (!connection.db) throw new Error('the test database is not open');
  return connection.db;
}
