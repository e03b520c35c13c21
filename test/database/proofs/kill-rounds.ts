import { randomInt } from 'node:crypto';
import mongoose from 'mongoose';
import { startDatabaseProcess } from '../../support/database-process.ts';
import { expectSoundFiles } from './agreement.ts';
import { createKillWorkload } from './kill-workload.ts';
import { startProxy } from './proxy.ts';

/**
 * Kills a database under load `rounds` times, each at a random number of acknowledged writes, and after each restart checks
 * everything that was ever acknowledged. The writers work on through kill and restart: what the driver then tries again must not
 * be done twice. Answers how many writes were acknowledged.
 */
export async function killRounds(rounds: number): Promise<number> {
  const database = await startDatabaseProcess();
  const proxy = await startProxy(() => database.uri);
  const client = new mongoose.mongo.MongoClient(proxy.uri, { maxPoolSize: 30, minHeartbeatFrequencyMS: 50 });
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
    await proxy.close();
    await database.remove();
  }
}
