import mongoose from 'mongoose';
import type { Document } from './format.ts';
import type { Lookup } from './match.ts';

const { BSON, GridFSBucket, MongoClient } = mongoose.mongo;

type Client = mongoose.mongo.MongoClient;
/** An event that the driver published, under the name that the specification uses for it. */
export type DriverEvent = { name: string; fields: Document };

/** The named things of one test: clients, databases, collections, sessions, buckets, saved results. */
export type Entities = Lookup & {
  create(descriptions: Document[]): Promise<void>;
  save(name: string, value: unknown): void;
  session(name: string): mongoose.mongo.ClientSession;
  client(name: string): Client;
  /** What a client reported, oldest first, of the kinds that it was told to observe. */
  eventsOf(client: string): DriverEvent[];
  /** What a client sent, oldest first, whether or not it was told to observe commands. */
  commandsOf(client: string): Document[];
  checkedOutConnectionsOf(client: string): number;
  close(): Promise<void>;
};

type Observed = { client: Client; events: DriverEvent[]; commands: Document[]; checkedOut: number };

const COMMAND_EVENTS = ['commandStarted', 'commandSucceeded', 'commandFailed'] as const;
const CONNECTION_EVENTS = [
  'connectionReady',
  'connectionClosed',
  'connectionCheckOutStarted',
  'connectionCheckOutFailed',
  'connectionCheckedOut',
  'connectionCheckedIn',
  'connectionPoolCleared',
  'connectionPoolReady',
] as const;

/** An empty registry for one test; `uri` is where its clients connect. */
export function createEntities(uri: string): Entities {
  const entities = new Map<string, unknown>();
  const observed = new Map<string, Observed>();
  const lsids = new Map<string, unknown>();

  const get = <Entity>(name: string): Entity => {
    if (!entities.has(name)) throw new Error(`no entity ${name}`);
    return entities.get(name) as Entity;
  };
  const watched = (client: string): Observed => {
    const found = observed.get(client);
    if (!found) throw new Error(`no client ${client}`);
    return found;
  };

  const creators = creatorsOf(uri, get, { observed, lsids });

  return {
    async create(descriptions) {
      for (const [kind, description] of descriptions.flatMap((entry) => Object.entries(entry))) {
        const creator = creators[kind];
        if (!creator) throw new Error(`no entity of kind ${kind}`);
        entities.set(description.id, creator(description));
        if (kind === 'client') await get<Client>(description.id).connect();
      }
    },
    save: (name, value) => entities.set(name, value),
    entity: get,
    session: (name) => get(name),
    client: (name) => get(name),
    lsidOf: (session) => lsids.get(session),
    eventsOf: (client) => watched(client).events,
    commandsOf: (client) => watched(client).commands,
    checkedOutConnectionsOf: (client) => watched(client).checkedOut,
    async close() {
      for (const { client } of observed.values()) await client.close();
    },
  };
}

function creatorsOf(
  uri: string,
  get: <Entity>(name: string) => Entity,
  { observed, lsids }: { observed: Map<string, Observed>; lsids: Map<string, unknown> },
): Record<string, (description: Document) => unknown> {
  return {
    client: (description) => {
      const watching = observe(uri, description);
      observed.set(description.id, watching);
      return watching.client;
    },
    database: ({ client, databaseName, databaseOptions }) => get<Client>(client).db(databaseName, databaseOptions),
    collection: ({ database, collectionName, collectionOptions }) =>
      get<mongoose.mongo.Db>(database).collection(collectionName, collectionOptions),
    session: ({ id, client, sessionOptions }) => {
      const session = get<Client>(client).startSession(sessionOptions);
      // Remembered now: a session that has ended no longer tells its id.
      lsids.set(id, session.id);
      return session;
    },
    bucket: ({ database }) => new GridFSBucket(get(database)),
  };
}

function observe(uri: string, description: Document): Observed {
  const client = new MongoClient(uri, {
    // After a broken connection the driver waits this long before it looks again; the default of 500 ms would be most of the run.
    minHeartbeatFrequencyMS: 10,
    // A set of one has no secondary to choose; a direct connection sends it what prefers one, and says so in the command.
    directConnection: description.uriOptions?.readPreference !== undefined,
    ...description.uriOptions,
    ...(description.serverApi ? { serverApi: description.serverApi } : {}),
    monitorCommands: true,
  });
  const watching: Observed = { client, events: [], commands: [], checkedOut: 0 };
  const wanted = new Set<string>(description.observeEvents ?? []);
  const ignored = new Set<string>(['configureFailPoint', ...(description.ignoreCommandMonitoringEvents ?? [])]);
  const record = (name: string, fields: Document) => {
    if (wanted.has(name) && !ignored.has(fields.commandName))
      watching.events.push({ name, fields: { ...fields, command: copy(fields.command) } });
  };
  for (const name of COMMAND_EVENTS) client.on(name, (fields: Document) => record(`${name}Event`, fields));
  for (const name of CONNECTION_EVENTS)
    client.on(name, (fields: Document) => record(`${name.replace(/^connectionPool/, 'pool')}Event`, fields));
  client.on('commandStarted', (event) => watching.commands.push(event.command));
  client.on('connectionCheckedOut', () => {
    watching.checkedOut += 1;
  });
  client.on('connectionCheckedIn', () => {
    watching.checkedOut -= 1;
  });
  return watching;
}

/** The driver goes on to change parts of a command that it has reported, the read concern for one. */
function copy(command: Document | undefined): Document | undefined {
  return command && BSON.EJSON.deserialize(BSON.EJSON.serialize(command, { relaxed: false }), { relaxed: true });
}
