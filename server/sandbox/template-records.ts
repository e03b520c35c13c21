import type { Database } from '../database/index.ts';
import { digestOf } from '../kernel/digest.ts';
import { contentOf, exampleOf, library, type Pattern, type PatternField } from './template-library.ts';

/** Which calls a template is for: template messages, or subscription messages. */
export type TemplateUse = 'template' | 'subscription';

/** A template that an account has taken into use. */
export interface TemplateRecord {
  /** The template_id. */
  _id: string;
  appId: string;
  use: TemplateUse;
  patternId: string;
  title: string;
  content: string;
  example: string;
  industry: readonly [primary: string, deputy: string];
  createdAt: number;
}

/** A message that was sent under the sender's own id, so that it is not sent twice. */
interface SendRecord {
  _id: string;
  messageId: string;
  at: number;
}

/** Accounts have these templates from the start. */
const firstPatterns = { template: ['TM00015', '43216', '43301'], subscription: ['43302'] } as const;
const repeatsWithin = 10 * 60_000;

export type TemplateRecords = Awaited<ReturnType<typeof openTemplateRecords>>;

/** Templates of accounts and what was sent by them (wechat.md §8). */
export async function openTemplateRecords({ connection }: Database) {
  const templates = connection.collection<TemplateRecord>('templates');
  const starts = connection.collection<{ _id: string }>('template-starts');
  const industries = connection.collection<{ _id: string; first: number; second: number }>('template-industries');
  const sends = connection.collection<SendRecord>('template-sends');
  await templates.createIndex({ appId: 1, use: 1, createdAt: 1 });
  await sends.createIndex({ at: 1 });

  /** Gives an account its first templates, once: what it deletes does not come back. */
  async function ensureFirst(appId: string, use: TemplateUse): Promise<void> {
    const { upsertedCount } = await starts.updateOne({ _id: `${appId}/${use}` }, { $set: {} }, { upsert: true });
    if (upsertedCount === 0) return;
    for (const pattern of library)
      if (firstPatterns[use].some((id) => id === pattern.id)) await add(appId, use, pattern, pattern.fields, 0);
  }

  /** Takes a pattern into use; the same one with the same fields is the same template. */
  async function add(
    appId: string,
    use: TemplateUse,
    { id, title, industry }: Pattern,
    fields: readonly PatternField[],
    now: number,
  ) {
    const content = contentOf(fields);
    const _id = templateId([appId, use, id, content]);
    const made = { appId, use, patternId: id, title, content, example: exampleOf(fields), industry, createdAt: now };
    await templates.updateOne({ _id }, { $setOnInsert: made }, { upsert: true });
    return _id;
  }

  return {
    add,
    async find(appId: string, use: TemplateUse, id: string): Promise<TemplateRecord | null> {
      await ensureFirst(appId, use);
      return templates.findOne({ _id: id, appId, use });
    },
    async list(appId: string, use: TemplateUse): Promise<TemplateRecord[]> {
      await ensureFirst(appId, use);
      return templates.find({ appId, use }).sort({ createdAt: 1, _id: 1 }).toArray();
    },
    async remove(appId: string, use: TemplateUse, id: string): Promise<boolean> {
      await ensureFirst(appId, use);
      return (await templates.deleteOne({ _id: id, appId, use })).deletedCount > 0;
    },

    /** The numbers of an account's two industries; those of shops until it has chosen. */
    async industries(appId: string): Promise<{ first: number; second: number }> {
      return (await industries.findOne({ _id: appId })) ?? { first: 31, second: 10 };
    },
    async setIndustries(appId: string, first: number, second: number): Promise<void> {
      await industries.updateOne({ _id: appId }, { $set: { first, second } }, { upsert: true });
    },

    /** Notes that a message is sent under the sender's id; gives the message's own id when one was sent a short while ago. */
    async repeatOf(openid: string, clientId: string, messageId: string, now: number): Promise<string | undefined> {
      await sends.deleteMany({ at: { $lte: now - repeatsWithin } });
      const _id = `${openid}/${clientId}`;
      const { upsertedCount } = await sends.updateOne({ _id }, { $setOnInsert: { messageId, at: now } }, { upsert: true });
      return upsertedCount > 0 ? undefined : (await sends.findOne({ _id }))?.messageId;
    },
  };
}

/** 43 characters, as the platform's are. */
function templateId(parts: readonly string[]): string {
  return digestOf(parts.join('\n'));
}
