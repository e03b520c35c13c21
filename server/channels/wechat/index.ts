export type { WechatAccount, WechatMode } from './account.ts';
export { createWechatCallback, type WechatCallbackOptions } from './callback.ts';
export { wechatCapabilities } from './capabilities.ts';
