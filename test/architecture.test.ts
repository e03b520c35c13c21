import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/**
 * What each room may import beside itself and node. A room name alone means its index (or, for kernel and wire, its files);
 * "types:" means type imports only. Packages are named as `npm:`.
 */
const domain = ['kernel', 'ledger', 'coordination', 'texts'];
const rooms: Record<string, string[]> = {
  kernel: ['npm:pino', 'npm:zod'],
  wire: ['kernel'],
  database: ['kernel', 'npm:bson', 'npm:mingo', 'npm:mongoose'],
  coordination: ['kernel', 'database', 'npm:agenda', 'npm:@agendajs/mongo-backend'],
  texts: ['kernel'],
  merchants: [...domain, 'types:channels/channel', 'npm:mongoose', 'npm:otpauth'],
  members: [...domain, 'merchants', 'types:channels/channel', 'npm:mongoose'],
  messaging: [...domain, 'merchants', 'members', 'types:channels/channel'],
  webhooks: [...domain, 'merchants', 'members'],
  'channels/channel': ['kernel'],
  'channels/wechat': ['kernel', 'wire', 'types:channels/channel', 'npm:zod'],
  conversation: ['kernel', 'texts', 'coordination', 'types:channels/channel', 'merchants', 'members'],
  api: [
    ...['kernel', 'texts', 'merchants', 'members', 'webhooks', 'conversation'],
    ...['types:coordination', 'types:wire', 'types:channels/channel'],
    ...['npm:koa', 'npm:@koa/router', 'npm:prom-client', 'npm:zod', 'npm:csv-stringify', 'npm:fflate'],
  ],
  sandbox: ['kernel', 'wire', 'database', 'npm:koa', 'npm:@koa/router', 'npm:xml2js', 'npm:mongoose', 'npm:qrcode', 'npm:zod'],
};
/** Rooms whose files may each be imported; of all others only the index. */
const openRooms = new Set(['kernel', 'wire', 'api']);
/** Where the database may be touched in a domain room or in conversation. */
const recordsFile = /(^|\/)(\w+-)*records\.ts$/;

interface Import {
  from: string;
  to: string;
  isType: boolean;
}

const files = listFiles(join(root, 'server')).map((file) => relative(join(root, 'server'), file));
const imports = files.flatMap(importsOf);

describe('the rooms', () => {
  it('import only what their rule allows', () => {
    expect(imports.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('import each other without a cycle', () => {
    expect(findCycle(imports.filter(({ to, isType }) => !isType && !to.startsWith('npm:')))).toEqual([]);
  });

  it('are all named in the rules', () => {
    const unknown = new Set(files.map(roomOf).filter((room) => room !== 'root' && !rooms[room]));
    expect([...unknown]).toEqual([]);
  });

  it('leave the process to what is started as one', () => {
    const readers = files.filter((file) => /\bprocess\s*\./.test(withoutComments(file)));
    expect(
      readers.filter((file) => !/^(main|build)\.ts$/.test(file) && !/^database\/embedded\/(serve|worker|index)\.ts$/.test(file)),
    ).toEqual([]);
  });

  it('ask the clock for the time', () => {
    const readers = files.filter((file) => /\bDate\.now\(\)|\bnew Date\(\)/.test(withoutComments(file)));
    // The reference shows receivers of webhooks how to check a time on their own machine.
    expect(readers.filter((file) => !/^(kernel\/clock|database\/embedded\/.*|api\/reference-guides)\.ts$/.test(file))).toEqual(
      [],
    );
  });

  it('are named by nouns in kebab-case', () => {
    expect(files.filter((file) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(file))).toEqual([]);
  });

  it('keep their files short', () => {
    const long = files.filter((file) => readFileSync(join(root, 'server', file), 'utf8').split('\n').length > 320);
    expect(long).toEqual([]);
  });
});

function isAllowed({ from, to, isType }: Import): boolean {
  const room = roomOf(from);
  // The composition root, the house that it opens, and where both are.
  if (['app.ts', 'house.ts', 'addresses.ts'].includes(from)) return true;
  if (from === 'build.ts') return roomOf(to) === 'kernel' || /^api\/page(s|-build)\.ts$/.test(to);
  if (from === 'main.ts') return to === 'app.ts' || roomOf(to) === 'kernel' || to === 'api/page-build.ts';
  if (to.startsWith('npm:')) return (rooms[room] ?? []).includes(to) || (isType && to === 'npm:koa');
  const target = roomOf(to);
  if (target === room) return true;
  // The browser compiles the contract: through an index it would compile the server.
  if (from === 'api/contract.ts' && isType && to === 'merchants/permissions.ts') return true;
  const rule = rooms[room] ?? [];
  if (isType && rule.includes(`types:${target}`)) return true;
  if (target === 'database' && recordsFile.test(from)) return to === 'database/index.ts';
  // A database handle is passed through a room's own opening by its type.
  if (target === 'database' && isType) return to === 'database/index.ts';
  return rule.includes(target) && (openRooms.has(target) || to === `${target}/index.ts` || !hasIndex(target));
}

function roomOf(file: string): string {
  if (file === 'channels/channel.ts') return 'channels/channel';
  const parts = dirname(file).split('/');
  if (parts[0] === '.') return 'root';
  return parts[0] === 'channels' ? parts.slice(0, 2).join('/') : (parts[0] ?? 'root');
}

function hasIndex(room: string): boolean {
  return files.includes(`${room}/index.ts`);
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, 'server', file), 'utf8');
  const found: Import[] = [];
  for (const [, isType, names, source] of text.matchAll(
    /^(?:import|export)\s+(type\s+)?([^;'"]*?\s+from\s+)?['"]([^'"]+)['"]/gm,
  )) {
    if (!source || source.startsWith('node:')) continue;
    const onlyTypes = Boolean(isType) || (/^\{[^}]*\}/.test(names ?? '') && !/[{,]\s*(?!type\s)\w/.test(names ?? ''));
    found.push({ from: file, to: targetOf(file, source), isType: onlyTypes });
  }
  return found;
}

function targetOf(file: string, source: string): string {
  if (source.startsWith('.')) return relative(join(root, 'server'), resolve(join(root, 'server'), dirname(file), source));
  return `npm:${source
    .split('/')
    .slice(0, source.startsWith('@') ? 2 : 1)
    .join('/')}`;
}

function findCycle(edges: Import[]): string[] {
  const done = new Set<string>();
  function visit(file: string, path: string[]): string[] {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of edges.filter(({ from }) => from === file)) {
      const cycle = visit(to, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  }
  for (const { from } of edges) {
    const cycle = visit(from, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function withoutComments(file: string): string {
  return readFileSync(join(root, 'server', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}
