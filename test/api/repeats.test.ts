import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../server/database/index.ts';
import { databaseName } from '../../server/kernel/config.ts';
import { type Signed, signUp } from '../support/api.ts';
import { type AppStory, startApp } from '../support/app.ts';
import { type Callable, operationsOf, readDocument, requestOf } from '../support/operations.ts';

/** Beside the server's own books: the audit tells of each secret that was made, and one that is shown once is made anew. */
const uncounted = ['jobs', 'rate-buckets', 'answers', 'audit'];

describe('every request that its caller names', () => {
  let story: AppStory;
  let people: Signed;
  let database: Database;
  let making: Callable[];
  beforeAll(async () => {
    story = await startApp();
    people = await signUp(story);
    const isNamed = ({ operation }: Callable) => operation.parameters.some(({ name }) => name === 'Idempotency-Key');
    making = operationsOf(await readDocument(story.url)).filter((one) => isNamed(one) && one.operation.responses['201']);
    const uri = story.config['database.uri'];
    const log = { info() {}, warn() {}, error() {} };
    database = await openDatabase({ uri, dataDir: tmpdir(), name: databaseName(story.config), log });
  });
  afterAll(async () => {
    await database?.close();
    await story?.close();
  });

  async function countRows(): Promise<Record<string, number>> {
    const collections = (await database.connection.db?.collections()) ?? [];
    const counted = collections.filter(({ collectionName }) => !uncounted.includes(collectionName));
    const counts = counted.map(async (one) => [one.collectionName, await one.countDocuments()] as const);
    return Object.fromEntries((await Promise.all(counts)).sort());
  }

  /** As a process leaves it that was killed after its work and before it stored the answer. */
  const forgetAnswer = () =>
    database.connection.collection('answers').updateMany({}, { $unset: { answer: 1 }, $set: { 'lease.until': 0 } });

  it('has one effect, also when the process was killed before the answer was stored', async () => {
    const ids: Record<string, string> = { staffId: (await people.join('clerk')).id };
    const hook = { name: 'till', url: 'https://example.com/hook' };
    ids.webhookId = (await people.owner.post<{ webhook: { id: string } }>('/webhooks', hook)).body.webhook.id;
    expect(making.length).toBeGreaterThan(4);
    for (const one of making) {
      const { path, init } = requestOf(one, ids);
      const send = async (key: string) => {
        const headers = { ...(init.headers as Record<string, string>), 'Idempotency-Key': key };
        const response = await people.owner.send(path, { ...init, headers });
        return { status: response.status, text: await response.text() };
      };
      const first = await send('killed');
      expect(first.status, `${one.name}: ${first.text}`).toBe(201);
      const counts = await countRows();
      await forgetAnswer();
      const second = await send('killed');
      expect(second.status, `${one.name}: ${second.text}`).toBe(201);
      expect(idsIn(second.text), one.name).toEqual(idsIn(first.text));
      expect(await countRows(), one.name).toEqual(counts);
      // What is shown once may be made anew; from then on it is the same again.
      expect(await send('killed'), one.name).toEqual(second);
      await database.connection.collection('answers').deleteMany({});
    }
  });
});

const idsIn = (text: string): string[] => [...text.matchAll(/"([0-9a-z]{26})"/g)].map(([, id]) => id ?? '');
