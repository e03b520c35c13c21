import type { Middleware } from 'koa';
import { answerCallbacks, type Callback } from '../../server/api/callbacks.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import type { OpenedAccount } from '../../server/merchants/index.ts';
import { serviceAccount } from './merchants.ts';

/** Any path of an account will do for `answerAlone`. */
export const aloneAt = `/wechat/${'0'.repeat(26)}`;

/** The edge of callbacks where there is one account, whatever id the path names, and nothing is stored. */
export function answerAlone(callback: Callback, clock: Clock): Middleware {
  const account = { ...serviceAccount, credentials: { token: 'alone' } } as unknown as OpenedAccount;
  return answerCallbacks({
    accounts: { open: async () => account, knocked() {} },
    channels: { wechat: () => callback },
    clock,
  });
}
