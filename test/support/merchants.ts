import { randomBytes } from 'node:crypto';
import { wechatCapabilities } from '../../server/channels/wechat/index.ts';
import { openRateBuckets } from '../../server/coordination/rate-buckets.ts';
import type { Database } from '../../server/database/index.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import type { Ids } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { createVault } from '../../server/kernel/vault.ts';
import { type Merchants, type MerchantsOptions, openMerchants } from '../../server/merchants/index.ts';

/** The key that seals credentials in tests. */
export const testVault = createVault([Buffer.alloc(32, 7)]);

/** Merchants as a process of the real platform has them; `more` says what is to be otherwise. */
export async function openTestMerchants(
  parts: { database: Database; clock: Clock; ids: Ids },
  more: Partial<MerchantsOptions> = {},
): Promise<Merchants> {
  return openMerchants({
    log: createLog('silent'),
    vault: testVault,
    random: randomBytes,
    buckets: await openRateBuckets(parts),
    sandbox: 'off',
    capabilities: { wechat: wechatCapabilities },
    ...parts,
    ...more,
  });
}

/** A verified service account, as merchants add one. */
export const serviceAccount = {
  channel: 'wechat',
  appId: 'wx0123456789abcdef',
  originalId: 'gh_0123456789ab',
  name: '半日麦',
  traits: { kind: 'service', isVerified: true, permissions: [] },
  mode: 'safe',
} as const;
