import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLog } from '../../kernel/log.ts';
import { holdFolder } from './folder.ts';
import { createDatabaseServer } from './server.ts';

// npm run db -- --port N --data DIR [--test-commands]: an embedded database alone on loopback, for several processes and for tools.
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '27017' },
    data: { type: 'string', default: './data' },
    'test-commands': { type: 'boolean', default: false },
  },
});

const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`--port must be a number from 0 to 65535, not ${values.port}`);

try {
  const held = holdFolder(resolve(values.data));
  const log = createLog('warn', process.stderr);
  const server = createDatabaseServer({ file: held.databaseFile, log, testCommands: values['test-commands'] });
  const uri = await server.listen({ port });
  const stop = async () => {
    await server.close();
    held.release();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ uri })}\n`);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
