import type { Id } from '../kernel/ids.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { By, KeyCaller } from './caller.ts';
import type { Permission } from './permissions.ts';

/** An API key without its secret. */
export interface ApiKey {
  readonly id: Id<'key'>;
  readonly name: string;
  readonly scopes: readonly Permission[];
  /** The beginning of the key, for people to recognise it by. */
  readonly hint: string;
  readonly madeAt: number;
  readonly expiresAt?: number;
  /** To the minute. */
  readonly lastUsedAt?: number;
  readonly version: number;
}

export interface Keys {
  list(merchantId: Id<'merchant'>, query: PageQuery): Promise<Page<ApiKey>>;
  /** Makes a key; its secret (`swk_…`) is given this once and stored as a digest. */
  make(
    merchantId: Id<'merchant'>,
    id: Id<'key'>,
    wanted: Pick<ApiKey, 'name' | 'scopes' | 'expiresAt'>,
    by: By,
  ): Promise<{ key: ApiKey; secret: string }>;
  /** The key opens nothing from now on, in any process. */
  revoke(merchantId: Id<'merchant'>, id: Id<'key'>, by: By): Promise<void>;
  /** Whose key this is; undefined when it is unknown, over or revoked. */
  find(secret: string): Promise<KeyCaller | undefined>;
}
