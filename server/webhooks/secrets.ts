import type { Vault } from '../kernel/vault.ts';
import type { WebhookRecords, WebhookRow } from './records.ts';

type Sealed = Pick<WebhookRow, '_id' | 'secret' | 'previousSecret' | 'previousSecretUntil'>;

/** Where a webhook's secrets belong. */
export const contextOf = (id: WebhookRow['_id']): string => `webhook:${id}:secret`;

/** The secrets that sign at this time (epoch ms): the newest first. */
export function openSecrets(vault: Vault, row: Sealed, now: number): string[] {
  const sealed = [row.secret];
  if (row.previousSecret !== undefined && (row.previousSecretUntil ?? 0) > now) sealed.push(row.previousSecret);
  return sealed.map((one) => vault.open(one, contextOf(row._id)));
}

/** Seals with the newest key what another one sealed, so that the old key can go. */
export async function resealSecrets(vault: Vault, records: WebhookRecords): Promise<void> {
  for await (const row of records.all()) {
    const { _id, secret, previousSecret } = row;
    const seal = (one: string) => vault.seal(vault.open(one, contextOf(_id)), contextOf(_id));
    if (vault.isCurrent(secret) && (previousSecret === undefined || vault.isCurrent(previousSecret))) continue;
    await records.reseal(row, {
      secret: seal(secret),
      ...(previousSecret === undefined ? {} : { previousSecret: seal(previousSecret) }),
    });
  }
}
