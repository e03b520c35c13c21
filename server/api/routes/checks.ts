import { z } from 'zod';
import type { AccountCheck, CheckedAccount } from '../../channels/channel.ts';
import { fault } from '../../kernel/errors.ts';
import type { Accounts, MerchantAccount } from '../../merchants/index.ts';
import { type Route, route } from '../route.ts';
import { idSchema, timeSchema } from '../schemas.ts';

interface CheckRoutesParts {
  accounts: Pick<Accounts, 'find' | 'open' | 'knocks' | 'capabilitiesOf'>;
  /** How each channel checks an account of its platform. */
  checks: Readonly<Record<MerchantAccount['channel'], (account: CheckedAccount) => Promise<AccountCheck>>>;
}

const stepSchema = z.object({
  name: z.string(),
  side: z.enum(['out', 'in']),
  outcome: z.enum(['passed', 'failed', 'waiting']),
  reason: z.string().optional(),
  detail: z.string().optional(),
  milliseconds: z.int().min(0).optional(),
});
const checkSchema = z.object({ startedAt: timeSchema, milliseconds: z.int().min(0), steps: z.array(stepSchema) });

/** The check of an account: which step works, and why the first that does not fails. */
export function checkRoutes({ accounts, checks }: CheckRoutesParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/accounts/{accountId}/checks',
      summary: 'Checks an account outwards and inwards, and says which step fails and why.',
      allow: 'account.edit',
      params: z.object({ accountId: idSchema('account') }),
      // A check changes nothing: a repeat looks anew.
      isRepeatable: false,
      answers: { 200: { says: 'The steps in their order; those after a failed one wait.', schema: checkSchema } },
      refusals: ['request.not-found'],
      async handle({ caller: { merchantId }, params: { accountId } }) {
        const found = await accounts.find(merchantId, accountId);
        const opened = found && (await accounts.open(found.channel, accountId));
        if (opened?.merchantId !== merchantId) throw fault('request.not-found', 'There is no such account that is in use here.');
        const { id, channel, appId, mode, platform, credentials } = opened;
        const knocks = await accounts.knocks(merchantId, accountId);
        const capabilities = accounts.capabilitiesOf(opened);
        const { appSecret } = credentials;
        return { status: 200, body: await checks[channel]({ id, appId, appSecret, mode, platform, capabilities, knocks }) };
      },
    }),
  ];
}
