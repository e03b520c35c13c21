import type { Language } from '../../../../server/api/contract.ts';

/**
 * What is wrong with a field, by the server's code, where the house rather than a schema refuses it: those words are English wherever they come
 * from. A code that is not here keeps the server's words.
 */
export function sayField(language: Language, code: string, words: string): string {
  return (language === 'zh' ? zh[code] : undefined) ?? words;
}

const zh: Readonly<Record<string, string>> = {
  'too-short': '密码至少 10 个字',
  'too-long': '密码太长了，最多 200 个字',
  'too-near': '密码不能就是账号或店名',
  'too-common': '这个密码太常见，别人第一批就会试，换一个',
  'name.unusable': '请填名字',
  'login.unusable': '要填手机号或邮箱',
  'password.unusable': '请定一个密码',
  'merchant.unnamed': '这里不止一家店，请填店铺代号',
  'expiresAt.unusable': '到期时间要在以后',
  'scopes.unusable': '至少选一项，而且只能选密钥可以有的',
  'scheme-refused': '地址要以 https:// 开头',
  'credentials-refused': '地址里不要带用户名和密码，推送本来就有签名',
  'address-unknown': '网上找不到这个域名，看看拼写',
  'address-refused': '它指向内网或这台服务器自己，请给一个公网地址',
};
