import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A data folder held by this process alone. */
export type Folder = { databaseFile: string; release(): void };

/**
 * Makes the folder (0700) and its files (0600), and takes its lock: versions and claims live in memory, so one process serves it at a
 * time. Throws at once when another one does. The lock is SQLite's on a file of its own and ends with the process, however that ends.
 */
export function holdFolder(folder: string): Folder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const databaseFile = join(folder, 'database.sqlite');
  const lockFile = join(folder, 'lock.sqlite');
  for (const file of [databaseFile, lockFile]) makePrivate(file);
  const lock = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new Error(
      `The data folder ${folder} is in use by another process: stop that one first, or choose another folder (DATA_DIR, or --data for npm run db).`,
      { cause },
    );
  }
  return { databaseFile, release: () => lock.close() };
}

/** SQLite gives the files beside the database (-wal, -shm) the same permissions. */
function makePrivate(file: string): void {
  if (existsSync(file)) chmodSync(file, 0o600);
  else closeSync(openSync(file, 'a', 0o600));
}
