import type { Database } from '../database/index.ts';
import type { Outcomes } from './script-contract.ts';

export type OutcomeRecords = ReturnType<typeof openOutcomeRecords>;

/** What is to come of what accounts send, where a script has said so; else all goes well. */
export function openOutcomeRecords({ connection }: Database) {
  const outcomes = connection.collection<Outcomes & { _id: string }>('outcomes');

  return {
    find: async (appId: string): Promise<Outcomes> => (await outcomes.findOne({ _id: appId })) ?? {},
    async set(appId: string, wanted: Outcomes): Promise<void> {
      await outcomes.replaceOne({ _id: appId }, wanted, { upsert: true });
    },
  };
}
