import { callbackPath } from './api/callbacks.ts';
import type { Config } from './kernel/config.ts';
import type { MerchantAccount } from './merchants/index.ts';

export type Addresses = ReturnType<typeof createAddresses>;

/** Where this server is reached, and where it reaches the platform. The port is known once it listens, and nobody asks before. */
export function createAddresses(config: Config, hasSandbox: boolean) {
  let listeningAt = '';
  const publicUrl = config['http.publicUrl'] ? new URL(config['http.publicUrl']) : undefined;
  const publicAddress = () => publicUrl?.origin ?? listeningAt;
  return {
    publicUrl,
    listensAt(url: string) {
      listeningAt = url;
    },
    // The sandbox calls from here, and is called here.
    callbackUrl: (account: MerchantAccount) => `${hasSandbox ? listeningAt : publicAddress()}${callbackPath(account)}`,
    wechatApi: () => (hasSandbox ? listeningAt : config['wechat.apiUrl']),
    reachedAt: () => publicUrl ?? (hasSandbox ? new URL(listeningAt) : undefined),
    linkUrl: (token: string) => `${publicAddress()}/console/#/link/${token}`,
  };
}
