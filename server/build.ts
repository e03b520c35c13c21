import { resolve } from 'node:path';
import { consolePages } from './api/page-build.ts';
import { openPages } from './api/pages.ts';
import { systemClock } from './kernel/clock.ts';
import { createLog } from './kernel/log.ts';

// Builds the pages ahead of the start, for where the server itself may not write: an image, a locked-down service.
const root = resolve(import.meta.dirname, '..');
const pages = await openPages({
  ...consolePages({ root, node: process.execPath, environment: process.env }),
  entries: ['console', 'sandbox'],
  clock: systemClock,
  log: createLog('info'),
});
process.exitCode = (await pages.settled) ? 0 : 1;
