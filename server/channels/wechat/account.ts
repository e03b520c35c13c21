import { fault } from '../../kernel/errors.ts';
import { isEncodingAesKey } from '../../wire/envelope.ts';
import type { Account } from '../channel.ts';

/** How the operator set the account's message encryption on the platform (消息加解密方式: 明文, 兼容, 安全). */
export type WechatMode = 'plain' | 'compatible' | 'safe';

/** An official account with what its callbacks are checked against. */
export interface WechatAccount extends Account {
  readonly appId: string;
  /** `gh_…`: as whom the platform addresses the account in messages. */
  readonly originalId: string;
  /** Never taken from a request: a safe account has no plain door. */
  readonly mode: WechatMode;
  readonly token: string;
  /** Wanted in compatible and safe mode. */
  readonly encodingAesKey?: string;
  /** While keys are changed: what was sealed with the old one still opens. */
  readonly previousEncodingAesKey?: string;
}

/** Throws a Fault `config.invalid` that lists all that is wrong with an account, without repeating a secret. */
export function checkAccount(account: WechatAccount): void {
  const wrong = faultsOf(account);
  if (wrong.length > 0) throw fault('config.invalid', `WeChat account ${account.appId || account.id}: ${wrong.join('; ')}.`);
}

function faultsOf({ appId, originalId, mode, token, encodingAesKey, previousEncodingAesKey }: WechatAccount): string[] {
  const wrong: string[] = [];
  if (appId === '') wrong.push('appId is empty');
  if (originalId === '') wrong.push('originalId is empty (it begins with gh_)');
  if (token === '') wrong.push('token is empty');
  if (mode !== 'plain' && encodingAesKey === undefined) wrong.push(`${mode} mode needs an encodingAesKey`);
  for (const [name, key] of Object.entries({ encodingAesKey, previousEncodingAesKey })) {
    if (key !== undefined && !isEncodingAesKey(key)) wrong.push(`${name} is not 43 letters and digits`);
  }
  return wrong;
}
