import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { fault } from './errors.ts';

const keyLength = 32;
const ownerOnly = 0o600;
/** Anything but the owner's bits. */
const others = 0o077;
/** Windows has neither modes nor folders that can be synced. */
const isPosix = platform() !== 'win32';

/**
 * The key of 32 bytes in this file, made on first start for its owner's eyes only. Throws `config.invalid` for a file that others can
 * read or that holds no key.
 */
export function openKeyFile(path: string): Uint8Array {
  return readKey(path) ?? makeKey(path);
}

function readKey(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isError(error, 'ENOENT')) return undefined;
    throw fault('config.invalid', `The sealing key in ${path} cannot be read: it must belong to who runs the server.`, error);
  }
  try {
    if (isPosix && (fstatSync(file).mode & others) !== 0)
      throw fault('config.invalid', `Others can read the sealing key: chmod 600 ${path}`);
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (key.length !== keyLength)
      throw fault(
        'config.invalid',
        `${path} holds no sealing key (32 bytes in base64): put it back from a backup. Without it what it sealed is lost; ` +
          'only if nothing is, remove the file, and a new one is made.',
      );
    return key;
  } finally {
    closeSync(file);
  }
}

/** Whole or not at all: under another name until it is on the disk. Of two who make it at once, both get the first one's. */
function makeKey(path: string): Uint8Array {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeWhole(draft, `${randomBytes(keyLength).toString('base64')}\n`);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isError(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  if (isPosix) syncFolder(folder);
  const key = readKey(path);
  if (!key) throw fault('config.invalid', `The sealing key in ${path} was removed while it was made: start again.`);
  return key;
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'wx', ownerOnly);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
