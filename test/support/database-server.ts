import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../server/database/embedded/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where this run's databases are: an embedded server of its own, or the MongoDB replica set of MONGODB_URI. */
    databaseUri: string;
  }
}

/** Vitest's global setup: one database server for the whole run, gone with its folder at the end. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.MONGODB_URI;
  if (given) {
    project.provide('databaseUri', given);
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'service-window-test-'));
  const database = await startEmbedded({ folder, log: { info() {}, warn: console.warn, error: console.error } });
  project.provide('databaseUri', database.uri);
  return async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
}
