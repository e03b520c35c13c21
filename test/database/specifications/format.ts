import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';

/** The driver's own open document type: what a specification file holds is checked by running it, not by a schema of ours. */
export type Document = mongoose.mongo.Document;

/** One file of the unified test format, <https://github.com/mongodb/specifications/tree/master/source/unified-test-format>. */
export type Specification = {
  description: string;
  runOnRequirements?: Document[];
  createEntities?: Document[];
  initialData?: Document[];
  tests: SpecificationTest[];
};

export type SpecificationTest = {
  description: string;
  skipReason?: string;
  runOnRequirements?: Document[];
  operations: Operation[];
  expectEvents?: Document[];
  outcome?: Document[];
};

export type Operation = {
  object: string;
  name: string;
  arguments?: Document;
  expectResult?: unknown;
  expectError?: Document;
  saveResultAsEntity?: string;
  ignoreResultAndError?: boolean;
};

const FOLDER = new URL('../../cases/driver-specifications/', import.meta.url).pathname;

/** The files of one suite (a folder of test/cases/driver-specifications), in the order of their names. */
export function readSuite(suite: string): Specification[] {
  const folder = join(FOLDER, suite);
  const names = readdirSync(folder).sort();
  return names.map((name) => mongoose.mongo.BSON.EJSON.parse(readFileSync(join(folder, name), 'utf8'), { relaxed: true }));
}
