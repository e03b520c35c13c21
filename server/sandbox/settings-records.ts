import type { Database } from '../database/index.ts';
import type { FaultPlan } from './faults.ts';

/** What whoever uses the sandbox has set for all of it. */
interface Settings {
  clock: { ahead: number };
  faults: FaultPlan;
}

type SettingRecord = { [Name in keyof Settings]: { _id: Name; value: Settings[Name] } }[keyof Settings];

export type SettingsRecords = ReturnType<typeof openSettingsRecords>;

/** Settings of the whole sandbox, in its database. */
export function openSettingsRecords({ connection }: Database) {
  const settings = connection.collection<SettingRecord>('settings');

  return {
    async find<Name extends keyof Settings>(name: Name): Promise<Settings[Name] | undefined> {
      const found = await settings.findOne({ _id: name });
      return found ? (found.value as Settings[Name]) : undefined;
    },
    async keep<Name extends keyof Settings>(name: Name, value: Settings[Name]): Promise<void> {
      await settings.updateOne({ _id: name }, { $set: { value } as Partial<SettingRecord> }, { upsert: true });
    },
  };
}
