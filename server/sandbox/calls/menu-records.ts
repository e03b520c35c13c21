import type { Database } from '../../database/index.ts';

/** A button as the platform keeps it; one with buttons of its own has no type. */
export interface MenuButton {
  readonly name: string;
  readonly type?: string;
  readonly key?: string;
  readonly url?: string;
  readonly media_id?: string;
  readonly article_id?: string;
  readonly appid?: string;
  readonly pagepath?: string;
  readonly sub_button: readonly MenuButton[];
}

/** Whom a conditional menu is for; all that is said has to fit. */
export interface MatchRule {
  readonly tag_id?: string;
  readonly client_platform_type?: string;
}

export interface MenuRecord {
  /** The menuid; they count upwards. */
  _id: number;
  appId: string;
  button: readonly MenuButton[];
  /** Absent on the default menu. */
  matchrule?: MatchRule;
}

export type MenuRecords = Awaited<ReturnType<typeof openMenuRecords>>;

/** The menus of accounts: a default one each, and conditional ones. */
export async function openMenuRecords({ connection, transact }: Database) {
  const menus = connection.collection<MenuRecord>('menus');
  const numbers = connection.collection<{ _id: 'menuid'; last: number }>('menu_numbers');
  await menus.createIndex({ appId: 1, _id: -1 });

  async function nextId(): Promise<number> {
    const filter = { _id: 'menuid' } as const;
    await numbers.updateOne(filter, { $setOnInsert: { last: 208_379_532 } }, { upsert: true });
    const number = await numbers.findOneAndUpdate(filter, { $inc: { last: 1 } }, { returnDocument: 'after' });
    if (!number) throw new Error('a number that was just kept is gone');
    return number.last;
  }

  return {
    /** The default menu first, then the conditional ones, the newest first. */
    async all(appId: string): Promise<MenuRecord[]> {
      const found = await menus.find({ appId }).sort({ _id: -1 }).toArray();
      return [...found.filter(({ matchrule }) => !matchrule), ...found.filter(({ matchrule }) => matchrule)];
    },
    /** Takes the place of the default menu. */
    async setDefault(appId: string, button: readonly MenuButton[]): Promise<void> {
      const _id = await nextId();
      await transact(async (session) => {
        await menus.deleteMany({ appId, matchrule: { $exists: false } }, { session });
        await menus.insertOne({ _id, appId, button }, { session });
      });
    },
    async addConditional(appId: string, button: readonly MenuButton[], matchrule: MatchRule): Promise<number> {
      const _id = await nextId();
      await menus.insertOne({ _id, appId, button, matchrule });
      return _id;
    },
    /** False when there is no such conditional menu. */
    async removeConditional(appId: string, id: number): Promise<boolean> {
      const { deletedCount } = await menus.deleteOne({ _id: id, appId, matchrule: { $exists: true } });
      return deletedCount > 0;
    },
    async removeAll(appId: string): Promise<void> {
      await menus.deleteMany({ appId });
    },
  };
}
