import { aggregateCommands } from './aggregate.ts';
import { bulkWriteCommands } from './bulk-write.ts';
import { collectionCommands } from './collections.ts';
import type { CommandTable } from './context.ts';
import { indexCommands } from './indexes.ts';
import { readCommands } from './read.ts';
import { sessionCommands } from './sessions.ts';
import { statusCommands } from './status.ts';
import { writeCommands } from './write.ts';

/** Every command that the embedded database knows, by its name on the wire. */
export const commands: CommandTable = {
  ...statusCommands,
  ...sessionCommands,
  ...readCommands,
  ...writeCommands,
  ...bulkWriteCommands,
  ...aggregateCommands,
  ...collectionCommands,
  ...indexCommands,
};
