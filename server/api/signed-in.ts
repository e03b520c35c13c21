import { z } from 'zod';
import { callerMay, type Merchants, permissionNames, type Sessions, type Staff, type StaffCaller } from '../merchants/index.ts';
import { merchantSchema } from './routes/merchant.ts';
import { staffSchema } from './routes/staff.ts';
import { timeSchema } from './schemas.ts';

export interface SignedInParts {
  sessions: Sessions;
  staff: Pick<Staff, 'find'>;
  merchants: Pick<Merchants, 'merchantOf'>;
}

/** What may be a password, an old or a mistyped one too: whether a new one will do is for the house to say. */
export const passwordSchema = z.string().min(1).max(400);

/** Six digits of an app, or a recovery code. */
export const codeSchema = z.string().min(6).max(40);

/** Who is signed in, and what they may do. */
export const signedInSchema = z.object({
  staff: staffSchema,
  merchant: merchantSchema,
  permissions: z.array(z.enum(permissionNames)),
  expiresAt: timeSchema,
});

/** Who is signed in, as `GET /session` and signing in tell it. */
export async function tellSignedIn({ staff, merchants }: SignedInParts, caller: StaffCaller, expiresAt: number) {
  const { merchantId, id } = caller;
  const [member, merchant] = await Promise.all([staff.find(merchantId, id), merchants.merchantOf(merchantId)]);
  const permissions = permissionNames.filter((permission) => callerMay(caller, permission));
  return { staff: member, merchant, permissions, expiresAt };
}
