import { hostname } from 'node:os';
import type { Document } from '../document.ts';
import { unsupported } from '../errors.ts';
import { MAX_DOCUMENT_BYTES } from '../raw.ts';
import { countAll } from '../read.ts';
import { SESSION_TIMEOUT_MINUTES } from '../session.ts';
import { MAX_MESSAGE_BYTES, type Reply } from '../wire.ts';
import { type CommandContext, type CommandTable, collectionName, findCollection } from './context.ts';
import { MAX_WRITES } from './write.ts';

/** The MongoDB that this engine behaves as; wire version 25 is that of 8.0. */
export const SERVER_VERSION = '8.0.0';
const MAX_WIRE_VERSION = 25;

export const statusCommands = {
  hello: { run: (context) => hello(context) },
  isMaster: { run: (context) => hello(context) },
  ismaster: { run: (context) => hello(context) },
  ping: { run: () => ({ ok: 1 }) },
  buildInfo: { run: buildInfo },
  buildinfo: { run: buildInfo },
  connectionStatus: { run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }) },
  getParameter: { run: () => ({ featureCompatibilityVersion: { version: '8.0' }, ok: 1 }) },
  getCmdLineOpts: { run: () => ({ argv: [], parsed: {}, ok: 1 }) },
  getLog: { run: () => ({ totalLinesWritten: 0, log: [], ok: 1 }) },
  hostInfo: { run: () => ({ system: { hostname: hostname() }, os: {}, ok: 1 }) },
  whatsmyuri: { run: ({ connectionId }) => ({ you: `connection ${connectionId}`, ok: 1 }) },
  serverStatus: { run: serverStatus },
  replSetGetStatus: { run: replicaSetStatus },
  dbStats: { run: databaseStats },
  dbstats: { run: databaseStats },
  collStats: { run: collectionStats },
  collstats: { run: (context, body) => collectionStats(context, { ...body, collStats: body.collstats }) },
  configureFailPoint: { run: ({ engine }, body) => engine.failpoint.configure(body) },
  saslStart: { run: refuse('Authentication (a user name in the URI)') },
  mapReduce: { run: refuse('Map-reduce') },
  mapreduce: { run: refuse('Map-reduce') },
  createSearchIndexes: { run: refuse('A search index') },
} satisfies CommandTable;

// Without topologyVersion drivers poll instead of asking for streamed answers; without setName there are no sessions' writes to retry.
function hello({ engine, connectionId }: CommandContext): Reply {
  const { address } = engine;
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    secondary: false,
    setName: 'embedded',
    setVersion: 1,
    hosts: [address],
    primary: address,
    me: address,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_WRITES,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MINUTES,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

function buildInfo(): Reply {
  return {
    version: SERVER_VERSION,
    versionArray: [...SERVER_VERSION.split('.').map(Number), 0],
    gitVersion: 'embedded',
    modules: [],
    bits: 64,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    storageEngines: ['sqlite'],
    ok: 1,
  };
}

function serverStatus({ engine }: CommandContext): Reply {
  const transactions = [...engine.sessions.all()].filter(({ transaction }) => transaction?.state === 'open').length;
  return {
    host: hostname(),
    version: SERVER_VERSION,
    process: 'embedded',
    uptime: (Date.now() - engine.startedAt) / 1_000,
    localTime: new Date(),
    transactions: { currentOpen: transactions },
    embedded: { commits: engine.commits, claims: engine.store.claims.size },
    ok: 1,
  };
}

function replicaSetStatus({ engine }: CommandContext): Reply {
  return {
    set: 'embedded',
    myState: 1,
    members: [{ _id: 0, name: engine.address, stateStr: 'PRIMARY', state: 1, health: 1 }],
    ok: 1,
  };
}

function databaseStats(context: CommandContext): Reply {
  const collections = [...context.engine.store.catalog.all()].filter(({ database }) => database === context.database);
  const objects = collections.reduce((sum, collection) => sum + countAll(context.view, collection), 0);
  const indexes = collections.reduce((sum, collection) => sum + collection.indexes.length + 1, 0);
  return { db: context.database, collections: collections.length, views: 0, objects, indexes, ok: 1 };
}

function collectionStats(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'collStats');
  const collection = findCollection(context, name);
  return {
    ns: `${context.database}.${name}`,
    count: collection ? countAll(context.view, collection) : 0,
    size: collection ? storedBytes(context, collection.id) : 0,
    nindexes: collection ? collection.indexes.length + 1 : 0,
    ok: 1,
  };
}

function storedBytes(context: CommandContext, collectionId: number): number {
  return Number(context.view.sql.prepare(`SELECT coalesce(sum(length(doc)), 0) FROM d${collectionId}`).get()?.[0] ?? 0);
}

function refuse(feature: string): () => Reply {
  return () => {
    throw unsupported(feature);
  };
}
