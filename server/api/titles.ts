import type { Context } from 'koa';
import type { FaultCode } from '../kernel/errors.ts';
import type { Language } from '../texts/index.ts';

/** What each kind of problem is called in a sentence that people read; its own words say the rest. */
export const titles = {
  'request.malformed': { zh: '请求读不懂', en: 'The request cannot be read' },
  'request.invalid': { zh: '有内容不能用', en: 'Some of what was sent cannot be used' },
  'request.unauthenticated': { zh: '需要登录', en: 'Nobody is signed in' },
  'request.forbidden': { zh: '没有权限', en: 'This is not yours to do' },
  'request.not-found': { zh: '没有这个内容', en: 'There is no such thing' },
  'request.method-not-allowed': { zh: '这个地址不支持这种操作', en: 'This address does not take that method' },
  'request.too-large': { zh: '内容太大', en: 'The body is too large' },
  'request.unsupported-type': { zh: '不支持这种内容类型', en: 'The body is of the wrong type' },
  'request.refused': { zh: '现在不能这样做', en: 'This cannot be done as things are' },
  'request.repeated-differently': {
    zh: '同一个 Idempotency-Key 已用于另一个请求',
    en: 'The Idempotency-Key was used for another request',
  },
  'request.stale': { zh: '内容已被别人改过', en: 'It was changed since it was read' },
  'request.unconditional': { zh: '缺少 If-Match', en: 'If-Match is missing' },
  'request.too-many': { zh: '次数太多，请稍后再试', en: 'Too many requests' },
  'session.refused': { zh: '账号或密码不对', en: 'Login or password is wrong' },
  'session.code-needed': { zh: '还需要登录验证码', en: 'A one-time code is needed, too' },
  'link.over': { zh: '链接已失效', en: 'The link opens nothing any more' },
  'account.incapable': { zh: '这个账号没有这项能力', en: 'The account cannot do this' },
  'callback.unsigned': { zh: '回调没有签名', en: 'The callback is not signed' },
  'callback.wrong-signature': { zh: '回调签名不对', en: "The callback's signature is wrong" },
  'callback.too-old': { zh: '回调时间相差太多', en: "The callback's time is too far off" },
  'callback.wrong-mode': { zh: '消息加解密方式不一致', en: 'The callback is of another mode' },
  'callback.undecipherable': { zh: '回调解不开', en: 'The callback does not open' },
  'callback.foreign-app': { zh: '回调属于另一个公众号', en: 'The callback is for another app' },
  'callback.malformed': { zh: '回调读不懂', en: 'The callback cannot be read' },
  'server.unavailable': { zh: '服务暂时不可用', en: 'The server cannot do this just now' },
  'server.failed': { zh: '服务器出错了', en: 'The server failed' },
  'config.invalid': { zh: '配置不能用', en: 'The configuration cannot be used' },
  'server.cannot-start': { zh: '服务器无法启动', en: 'The server cannot start' },
} as const satisfies Record<FaultCode, Readonly<Record<Language, string>>>;

/** What who asks wants to read, by Accept-Language; Chinese where nothing is said. */
export const languageOf = (ctx: Context): Language => (ctx.acceptsLanguages('zh', 'en') === 'en' ? 'en' : 'zh');
