import { createHash } from 'node:crypto';

/** Why there is no page yet. */
export type Waiting = { kind: 'building'; startedAt: number; progress: string } | { kind: 'failed'; output: string };

/** Asks again. A refresh by `<meta>` alone does not at an address with a fragment, such as a one-time link's: it only jumps there. */
const askAgain = 'setTimeout(() => location.reload(), 1000)';

/** What the page below may do, and nothing else. */
export const waitingPagePolicy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(askAgain).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`;

/** The page that stands in for the real one while that is built, or when that failed. It asks again by itself, also without scripts. */
export function renderWaitingPage(waiting: Waiting, now: number, language: 'zh' | 'en'): string {
  const words = texts[language];
  const { title, text, detail, last, refresh } =
    waiting.kind === 'failed'
      ? { title: words.failedTitle, text: words.failedText, detail: waiting.output, last: words.failedWayOut, refresh: '' }
      : {
          title: words.buildingTitle,
          text: words.buildingText,
          detail: waiting.progress || words.starting,
          last: words.elapsed(Math.floor((now - waiting.startedAt) / 1000)),
          refresh: `<script>${askAgain}</script><noscript><meta http-equiv="refresh" content="1"></noscript>`,
        };
  return `<!doctype html>
<html lang="${words.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${refresh}
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
<pre role="status">${escapeHtml(detail)}</pre>
<p class="quiet">${last}</p>
</main>
</body>
</html>
`;
}

const texts = {
  zh: {
    tag: 'zh-CN',
    buildingTitle: '正在准备页面',
    buildingText: '只在第一次启动或源码改动后需要，几秒钟就好，这一页会自己打开它。服务器已经在接收回调。',
    starting: '开始…',
    elapsed: (seconds: number) => `已用 ${seconds} 秒`,
    failedTitle: '页面没有构建成功',
    failedText: '服务器本身照常工作，只是没有页面。原因：',
    failedWayOut: '按上面的提示改好，或运行 <code>npm ci</code> 重装依赖，然后重新运行 <code>npm start</code>。',
  },
  en: {
    tag: 'en',
    buildingTitle: 'Preparing the pages',
    buildingText:
      'Needed only on the first start or after their sources change. It takes a few seconds and opens by itself. The server is already taking callbacks.',
    starting: 'Starting…',
    elapsed: (seconds: number) => `${seconds} s so far`,
    failedTitle: 'The pages could not be built',
    failedText: 'The server itself works as usual; only its pages are missing. Why:',
    failedWayOut: 'Mend what is said above, or run <code>npm ci</code> to install anew, then run <code>npm start</code> again.',
  },
};

const style = `:root{color-scheme:light dark;--paper:#f7f5f0;--ink:#1c211f;--soft:#5a625e;--sunken:#efece4}
@media(prefers-color-scheme:dark){:root{--paper:#101413;--ink:#eceeea;--soft:#a9b2ad;--sunken:#0b0e0d}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:15px/1.6 -apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei","Segoe UI",sans-serif}
main{width:min(560px,100vw - 48px)}h1{font-size:22px;line-height:1.3;margin:0 0 8px}p{margin:0}
pre{min-height:40px;margin:16px 0;padding:12px 16px;border-radius:10px;background:var(--sunken);font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.quiet{color:var(--soft);font-variant-numeric:tabular-nums}`;

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
