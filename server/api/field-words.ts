/** The schemas' own words of what a field must be, in Chinese. A test finds every one that has none here. */
const chinese: Readonly<Record<string, string>> = {
  'must be an id: 26 lower-case letters and digits': '要填 id：26 个小写字母和数字',
  'must hold something that can be seen, and no control characters': '要有看得见的内容，不能有控制字符',
  'must be wx and 16 hex digits': '要填 wx 和 16 位十六进制数字',
  'must be a name such as menu/create': '要填接口名，例如 menu/create',
  'must begin with gh_': '要以 gh_ 开头',
  'must be 32 hex digits': '要填 32 位十六进制数字',
  'must be 1 to 64 lower-case letters, digits and inner hyphens': '要填 1 到 64 个小写字母、数字和中间的连字符',
  'must be a time zone such as Asia/Shanghai': '要填时区，例如 Asia/Shanghai',
};

/** The words of a field's fault in Chinese, where a schema has words of its own. */
export const sayInChinese = (words: string): string => chinese[words] ?? words;
