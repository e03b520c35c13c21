import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DatabaseProcess, startDatabaseProcess } from '../../support/database-process.ts';
import { expectedFailureOf, expectedFailures } from './expected-failures.ts';
import { readSuite, type Specification, type SpecificationTest } from './format.ts';
import { describeServer } from './requirements.ts';
import { runTest, type Verdict, type World } from './run.ts';

/** Of the tests that do not fail for the driver's own reasons, at least this share passes. */
const suites = {
  crud: 0.95,
  'retryable-writes': 0.98,
  'retryable-reads': 0.85,
  transactions: 0.98,
  'transactions-convenient-api': 0.98,
  sessions: 0.7,
  'causal-consistency': 0.98,
  'run-command': 0.9,
};

let database: DatabaseProcess;
let world: World;

beforeAll(async () => {
  database = await startDatabaseProcess({ testCommands: true });
  // As a set, not directly: only then does the driver send read preferences.
  const uri = database.uri.replace('directConnection=true', 'directConnection=false');
  const client = new mongoose.mongo.MongoClient(uri);
  world = { uri, client, server: await describeServer(client) };
});

afterAll(async () => {
  await world?.client.close();
  await database?.remove();
});

describe.each(Object.entries(suites))('the drivers’ specification of %s', (suite, bar) => {
  const counts = { passed: 0, 'failed by the engine': 0, 'failed by the driver': 0, 'not applicable': 0 };
  const cases = readSuite(suite).flatMap((specification) =>
    specification.tests.map((each): [string, Specification, SpecificationTest] => [
      `${specification.description}: ${each.description}`,
      specification,
      each,
    ]),
  );

  test.for(cases)('%s', async ([name, specification, each], { skip }) => {
    const failure = expectedFailureOf(suite, name);
    const verdict = await runTest(world, specification, each);
    if (verdict.result === 'failed') counts[`failed by the ${failure?.cause ?? 'engine'}`] += 1;
    else counts[verdict.result] += 1;
    if (verdict.result === 'not applicable') skip(verdict.why);
    if (failure) expect(verdict.result, `listed as failing because ${failure.reason}`).toBe('failed');
    else expect(whyFailed(verdict)).toBeUndefined();
  });

  test(`passes at least ${bar * 100} % of what the driver itself passes`, () => {
    console.log(suite, JSON.stringify(counts));
    expect(counts.passed / (counts.passed + counts['failed by the engine'])).toBeGreaterThanOrEqual(bar);
  });

  test('has every test that is listed as failing', () => {
    const listed = expectedFailures.filter((failure) => failure.suite === suite);
    const idle = listed.filter((failure) => !cases.some(([name]) => failure.tests.test(name)));
    expect(idle).toEqual([]);
  });
});

function whyFailed(verdict: Verdict): string | undefined {
  return verdict.result === 'failed' ? verdict.why : undefined;
}
