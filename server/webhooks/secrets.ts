import type { Log } from '../kernel/log.ts';
import type { Vault } from '../kernel/vault.ts';
import type { WebhookRecords, WebhookRow } from './records.ts';

type Sealed = Pick<WebhookRow, '_id' | 'secret' | 'previousSecret' | 'previousSecretUntil'>;

/** Where a webhook's secrets belong. */
export const contextOf = (id: WebhookRow['_id']): string => `webhook:${id}:secret`;

/** The secrets that sign at this time (epoch ms): the newest first. One before it that no key opens any more signs nothing. */
export function openSecrets(vault: Vault, row: Sealed, now: number): string[] {
  const secrets = [vault.open(row.secret, contextOf(row._id))];
  if (row.previousSecret === undefined || (row.previousSecretUntil ?? 0) <= now) return secrets;
  try {
    secrets.push(vault.open(row.previousSecret, contextOf(row._id)));
  } catch {
    // The key was lost, and with it this secret: it is what a renewed one stands in for.
  }
  return secrets;
}

/** Seals with the newest key what another one sealed, so that the old key can go. What no key opens any more stays: it waits to be renewed. */
export async function resealSecrets(vault: Vault, records: WebhookRecords, log: Log): Promise<void> {
  for await (const row of records.all()) {
    const { _id, secret, previousSecret } = row;
    const seal = (one: string) => (vault.isCurrent(one) ? one : vault.seal(vault.open(one, contextOf(_id)), contextOf(_id)));
    if (vault.isCurrent(secret) && (previousSecret === undefined || vault.isCurrent(previousSecret))) continue;
    try {
      const sealed = { secret: seal(secret), ...(previousSecret === undefined ? {} : { previousSecret: seal(previousSecret) }) };
      await records.reseal(row, sealed);
    } catch (error) {
      log.warn({ webhookId: _id, error }, 'webhook.not-resealed');
    }
  }
}
