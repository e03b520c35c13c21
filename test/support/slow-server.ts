import { resolve } from 'node:path';
import { openApp } from '../../server/app.ts';
import { houseScenes } from '../../server/conversation/index.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { readConfig } from '../../server/kernel/config.ts';
import { createLog } from '../../server/kernel/log.ts';
import { slowScene } from './slow-scene.ts';

// A server whose process can be killed, with a scene that takes its time.
const config = readConfig(resolve(import.meta.dirname, '../../config'), 'production', process.env);
const app = await openApp({
  ...{ config, clock: systemClock, log: createLog(config['log.level']) },
  scenes: [slowScene, ...houseScenes],
});
const { ownerLink } = await app.listen();
// As the server's own main prints it.
if (ownerLink) process.stderr.write(`  Owner     ${ownerLink}\n`);
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
