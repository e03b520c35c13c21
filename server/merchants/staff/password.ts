import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { detailedFault } from '../../kernel/errors.ts';
import type { Random } from '../../kernel/random.ts';
import { commonPasswords } from './common-passwords.ts';

/** Derives a key from a password: node's scrypt, or a double of it that counts. */
export type Derive = (password: string, salt: Buffer, length: number, options: ScryptOptions) => Promise<Buffer>;

export interface Passwords {
  /** Throws `request.too-many` when too many wait already: asked before anything else is done, so that a flood costs nothing but this. */
  checkRoom(): void;
  /** The password's salted hash, with the parameters that it was made with. Throws `request.too-many` when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Is the password the one of this hash. Without a hash it takes as long and is wrong. `isOutdated`: it was made with weaker parameters
   * than today's, and wants to be made anew while the password is known. Throws `request.too-many` when too many wait.
   */
  verify(password: string, encoded: string | undefined): Promise<{ isRight: boolean; isOutdated: boolean }>;
}

export const shortestPassword = 10;
export const longestPassword = 200;

/** OWASP's floor for scrypt: 32 MiB and about 80 ms a hash. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
const today = { N: 2 ** 15, r: 8, p: 1 };
const saltLength = 16;
const hashLength = 32;
/** Two of libuv's four threads: the other two stay for files and names, whoever tries passwords. */
const atOnce = 2;
/** What these wait is under three seconds; who comes behind them is told to come again. */
const mostWaiting = 32;
const deriveByScrypt = promisify(scrypt) as Derive;

/** Hashes passwords, two at a time in this process. */
export function createPasswords({
  random = randomBytes,
  derive = deriveByScrypt,
}: {
  random?: Random;
  derive?: Derive;
} = {}): Passwords {
  const { enqueue, checkRoom } = createQueue();
  const run = (password: string, salt: Buffer, { N, r, p }: typeof today) =>
    enqueue(() => derive(password.normalize('NFKC'), salt, hashLength, { N, r, p, maxmem: 256 * N * r }));
  const nobody = { ...today, salt: Buffer.from(random(saltLength)), hash: Buffer.alloc(0) };

  return {
    checkRoom,
    async hash(password) {
      const salt = Buffer.from(random(saltLength));
      const hash = await run(password, salt, today);
      return `scrypt$${today.N}$${today.r}$${today.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
    },
    async verify(password, encoded) {
      const wanted = encoded === undefined ? nobody : decode(encoded);
      const hash = await run(password, wanted.salt, wanted);
      const isRight = wanted.hash.length === hashLength && timingSafeEqual(hash, wanted.hash);
      return { isRight, isOutdated: wanted.N < today.N || wanted.r < today.r || wanted.p < today.p };
    },
  };
}

/** Refuses a password that others would guess, as `request.invalid`. */
export function checkPassword(password: string, { login, merchantName }: { login: string; merchantName: string }): void {
  const plain = password.normalize('NFKC');
  const length = [...plain].length;
  if (length < shortestPassword) throw unusable('too-short', `A password has at least ${shortestPassword} characters.`);
  if (length > longestPassword) throw unusable('too-long', `A password has at most ${longestPassword} characters.`);
  const lower = plain.toLowerCase();
  if (lower === login || lower === merchantName.normalize('NFKC').toLowerCase())
    throw unusable('too-near', "A password is neither the login nor the shop's name.");
  if (commonPasswords.has(lower)) throw unusable('too-common', 'This password is among the first that are tried: take another.');
}

const unusable = (code: string, message: string) =>
  detailedFault('request.invalid', message, { fields: [{ path: 'body.password', code, message }] });

function decode(encoded: string) {
  const [scheme, N, r, p, salt = '', hash = ''] = encoded.split('$');
  if (scheme !== 'scrypt') throw new Error('a stored password is of no scheme that is known here');
  return {
    N: Number(N),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

function createQueue() {
  const waiting: (() => void)[] = [];
  let running = 0;

  function checkRoom() {
    if (waiting.length >= mostWaiting)
      throw detailedFault('request.too-many', 'Too many people sign in at this moment: try again in a few seconds.', {
        retryAfter: 3_000,
      });
  }

  async function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running >= atOnce) {
      checkRoom();
      // Who is woken has the place of who woke it: nobody slips in between.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }

  return { enqueue, checkRoom };
}
