import type mongoose from 'mongoose';
import type { Document } from './format.ts';

/** What a `runOnRequirements` entry may ask of the server. */
export type Server = { version: string; topology: string; parameters: Document };

/** Reads version, topology and parameters of the server that `client` is connected to. */
export async function describeServer(client: mongoose.mongo.MongoClient): Promise<Server> {
  const admin = client.db('admin');
  const { version } = await admin.command({ buildInfo: 1 });
  const { setName } = await admin.command({ hello: 1 });
  return { version, topology: setName ? 'replicaset' : 'single', parameters: await admin.command({ getParameter: '*' }) };
}

/** Whether one of the alternatives holds; a test without requirements runs everywhere. */
export function meets(server: Server, requirements: Document[] | undefined): boolean {
  return !requirements || requirements.some((requirement) => meetsAll(server, requirement));
}

function meetsAll(server: Server, requirement: Document): boolean {
  return Object.entries(requirement).every(([name, value]) => {
    const check = checks[name];
    if (!check) throw new Error(`no requirement ${name}`);
    return check(server, value);
  });
}

const checks: Record<string, (server: Server, value: Document[string]) => boolean> = {
  minServerVersion: (server, version) => compareVersions(server.version, version) >= 0,
  maxServerVersion: (server, version) => compareVersions(server.version, version) <= 0,
  topologies: (server, topologies) => topologies.includes(server.topology),
  serverless: (_, value) => value !== 'require',
  auth: (_, value) => value === false,
  csfle: (_, value) => value === false,
  serverParameters: (server, parameters) =>
    Object.entries(parameters).every(([name, value]) => server.parameters[name] === value),
};

/** Only as many parts as both versions name are compared: a maximum of 8.0 admits 8.0.4. */
function compareVersions(left: string, right: string): number {
  const theirs = right.split('.').map(Number);
  const ours = left.split('.').map(Number);
  for (const [index, part] of theirs.entries()) {
    const difference = (ours[index] ?? 0) - part;
    if (difference !== 0 && index < ours.length) return difference;
  }
  return 0;
}
