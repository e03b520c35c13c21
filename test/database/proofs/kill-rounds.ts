import { randomInt } from 'node:crypto';
import mongoose from 'mongoose';
import { startDatabaseProcess } from '../../support/database-process.ts';
import { expectSoundFiles } from './agreement.ts';
import { createKillWorkload } from './kill-workload.ts';
import { startRelay } from './relay.ts';

/**
 * Kills a database under load `rounds` times, each at a random number of acknowledged writes, and after each restart checks
 * everything that was ever acknowledged. The writers work on through kill and restart: what the driver then tries again must not
 * be done twice. Answers how many writes were acknowledged.
 */
export async function killRounds(rounds: number): Promise<number> {
  const database = await startDatabaseProcess();
  const relay = await startRelay(database);
  const client = new mongoose.mongo.MongoClient(relay.uri, { maxPoolSize: 30, connectTimeoutMS: 10_000 });
  const workload = createKillWorkload(8);
  try {
    await workload.prepare(client);
    for (let round = 0; round < rounds; round += 1) {
      await workload.run(client, randomInt(1, 400), async () => {
        await database.kill();
        expectSoundFiles(database.folder);
        await database.restart();
      });
      await workload.verify(client);
    }
    return workload.acknowledged;
  } finally {
    await client.close();
    await relay.close();
    await database.remove();
  }
}
