import type { Language } from '../texts/index.ts';
import { callLimits } from './limits.ts';

interface Guide {
  readonly id: string;
  readonly zh: { readonly title: string; readonly html: string };
  readonly en: { readonly title: string; readonly html: string };
}

const [perPerson, perKey, perAddress] = [callLimits.staff, callLimits.key, callLimits.nobody].map(({ limit }) =>
  limit.toLocaleString('en'),
);

const code = (text: string): string => `<pre><code>${text}</code></pre>`;

const first = code(`SERVER=https://shop.example.com
KEY=swk_…
curl "$SERVER/api/v1/merchant" -H "Authorization: Bearer $KEY"`);

const list = code(`curl "$SERVER/api/v1/members?limit=100" -H "Authorization: Bearer $KEY"
{"items":[…],"next":"01j2t8k4q3v9m5x7c6b1n0pzr8"}
curl "$SERVER/api/v1/members?limit=100&amp;cursor=01j2t8k4q3v9m5x7c6b1n0pzr8" -H "Authorization: Bearer $KEY"`);

const edit = code(`curl -i "$SERVER/api/v1/merchant" -H "Authorization: Bearer $KEY"
ETag: "3"
curl -X PATCH "$SERVER/api/v1/merchant" -H "Authorization: Bearer $KEY" -H 'If-Match: "3"' \\
  -H 'Content-Type: application/json' -d '{"name":"半日麦"}'
ETag: "4"`);

const problem = code(`HTTP/1.1 422
Content-Type: application/problem+json

{"type":"/api/v1/problems/request.invalid","title":"Some of what was sent cannot be used","status":422,
 "code":"request.invalid","detail":"The request has fields that cannot be used.","instance":"01j2t8k4q3v9m5x7c6b1n0pzr8",
 "errors":[{"path":"body.name","code":"missing","message":"is needed","pointer":"#/name"}]}`);

const verify = code(`import { createHmac, timingSafeEqual } from 'node:crypto';

function isOurs(headers, rawBody, secret) {                       // secret: whsec_…
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': given } = headers;
  if (Math.abs(Date.now() / 1000 - time) &gt; 300) return false;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const right = createHmac('sha256', key).update(\`\${id}.\${time}.\${rawBody}\`).digest();
  return given.split(' ').some((one) =&gt; {
    const signature = Buffer.from(one.replace('v1,', ''), 'base64');
    return signature.length === right.length &amp;&amp; timingSafeEqual(signature, right);
  });
}`);

/** How to do what every route has in common; trusted HTML of our own. */
export const guides: readonly (Guide & Record<Language, unknown>)[] = [
  {
    id: 'sign',
    zh: {
      title: '登录和密钥',
      html: `<p>程序用 API 密钥：店主在后台“接口”里新建，密钥只显示一次。每个请求都带上它：</p>${first}<p>密钥只能做它的范围允许的事，随时可以撤销，立即生效。网页用 <code>POST /sessions</code> 登录，得到脚本读不到的 Cookie；小程序在请求里写 <code>"as":"bearer"</code>，得到一个 token，用法和密钥一样。</p>`,
    },
    en: {
      title: 'Sign in, or use a key',
      html: `<p>Programs use an API key: an owner makes one in the console, where it is shown once. Send it with each request:</p>${first}<p>A key may do what its scopes name, and opens nothing from the moment that it is revoked. Pages sign in by <code>POST /sessions</code> and get a cookie that no script reads; a mini-program asks for <code>"as":"bearer"</code> and gets a token that is sent like a key.</p>`,
    },
  },
  {
    id: 'page',
    zh: {
      title: '一页一页地读',
      html: `<p>列表每次给一页，最多 200 条。回答里有 <code>next</code> 就还有下一页，把它作为 <code>cursor</code> 再问；没有就是读完了。它的写法可能改变，只管原样送回。</p>${list}`,
    },
    en: {
      title: 'Read page by page',
      html: `<p>Lists come in pages of at most 200. As long as an answer has <code>next</code> there is more: ask again with it as <code>cursor</code>. What a cursor looks like may change; send it back as it is.</p>${list}`,
    },
  },
  {
    id: 'edit',
    zh: {
      title: '修改，不盖掉别人',
      html: `<p>能修改的内容都有版本，读的时候在 <code>ETag</code> 里。修改时把它放进 <code>If-Match</code>：没带回 428；读过以后被别人改了，回 412，重新读，再改。</p>${edit}`,
    },
    en: {
      title: 'Edit without overwriting others',
      html: `<p>What people edit has a version, read as <code>ETag</code>. Send it as <code>If-Match</code>: without it the answer is 428; when somebody has changed it since, 412. Then read it anew and edit that.</p>${edit}`,
    },
  },
  {
    id: 'repeat',
    zh: {
      title: '放心重发',
      html: `<p>断线了、超时了，不知道有没有成功？给每个新的 <code>POST</code> 一个新的 <code>Idempotency-Key</code>（1 到 200 个可见 ASCII 字符，例如 UUID），用同一个重发：只生效一次，24 小时内得到同一个回答，带 <code>Idempotent-Replayed: true</code>。被拒绝的回答也一样重放（401、429 和没有通过检查的内容除外）；服务器出错的请求会再做一次，做出来的东西 id 不变。</p><p>同一个键配了别的内容回 409 <code>request.repeated-differently</code>；第一次还没做完，重发的最多等 5 秒，然后回 409 <code>request.refused</code>。登录的回答不会保存：再登录一次就是新的登录。</p>`,
    },
    en: {
      title: 'Send again without fear',
      html: `<p>The line broke, and you do not know whether it worked? Give each new <code>POST</code> a new <code>Idempotency-Key</code> (1 to 200 visible ASCII characters, such as a UUID) and send it again with the same one: it has one effect, and for 24 hours the same answer, with <code>Idempotent-Replayed: true</code>. So have refusals (but 401, 429 and bodies that were never accepted); what the server failed at is done again, and what it makes keeps its id.</p><p>The same key with other content is 409 <code>request.repeated-differently</code>. While the first is still worked on, a repeat waits for up to 5 s and then hears 409 <code>request.refused</code>. Sessions are not kept: signing in again is a new session.</p>`,
    },
  },
  {
    id: 'limits',
    zh: {
      title: '快慢',
      html: `<p>每个登录的人每分钟 ${perPerson} 次，每个 API 密钥 ${perKey} 次，没有登录的每个地址 ${perAddress} 次。<code>RateLimit</code> 说还剩几次（<code>r</code>）、几秒后恢复（<code>t</code>）。超过了回 429，<code>Retry-After</code> 说等几秒。请求内容最多 64 KiB，除非另有说明。</p>`,
    },
    en: {
      title: 'How fast, how much',
      html: `<p>${perPerson} calls a minute for each person who is signed in, ${perKey} for each API key, ${perAddress} for each address of nobody who is. <code>RateLimit</code> tells how many are left (<code>r</code>) and in how many seconds all are back (<code>t</code>). Beyond that the answer is 429; <code>Retry-After</code> says how many seconds to wait. A body has at most 64 KiB where nothing else is said.</p>`,
    },
  },
  {
    id: 'errors',
    zh: {
      title: '出了问题',
      html: `<p>拒绝都是 RFC 9457 的样子。按 <code>code</code> 分支，<code>errors</code> 一项一项说哪里不能用，<code>retryAfter</code>（毫秒）说多久以后再试才有意义。<code>Accept-Language</code> 决定文字是中文还是英文。报告问题时请附上 <code>instance</code>。</p>${problem}`,
    },
    en: {
      title: 'When something goes wrong',
      html: `<p>Refusals are problem details (RFC 9457). Switch over <code>code</code>; <code>errors</code> names every field that cannot be used, <code>retryAfter</code> (ms) when it makes sense to try again. <code>Accept-Language</code> chooses Chinese or English. Tell us <code>instance</code> when you report one.</p>${problem}`,
    },
  },
  {
    id: 'verify',
    zh: {
      title: '验证 Webhook',
      html: `<p>事件按 Standard Webhooks 的方式签名，它的库都能用。没有库也只要几行；要用收到的原始字节，不能用解析后再写出的 JSON。同一个 <code>webhook-id</code> 可能来两次：做过的就不要再做。</p>${verify}`,
    },
    en: {
      title: 'Verify a webhook',
      html: `<p>Events are signed as Standard Webhooks says, and its libraries take them. Without one it is a few lines; over the bytes that came, not over JSON written anew. The same <code>webhook-id</code> may come twice: do not do twice what you have done.</p>${verify}`,
    },
  },
];
