export { checkAccount, type WechatAccount, type WechatMode } from './account.ts';
export { createWechatCallback, type WechatCallbackOptions } from './callback.ts';
