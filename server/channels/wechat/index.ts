export type { WechatAccount, WechatMode } from './account.ts';
export { createWechatApi, type WechatApi } from './api.ts';
export { createWechatCallback, type WechatCallbackOptions } from './callback.ts';
export { wechatCapabilities } from './capabilities.ts';
export { createWechatCheck } from './check.ts';
