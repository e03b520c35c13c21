/** The reference's own style, on the product's tokens (console/src/shared/tokens.css). */
export const referenceStyle = `:root{color-scheme:light dark;--paper:#f7f5f0;--surface:#fff;--sunken:#efece4;--line:#e2ddd2;--ink:#1c211f;--ink-2:#5a625e;--ink-3:#69716c;--jade:#0b6b5d;--jade-soft:#e0efeb;--vermilion:#bd3a1b;--amber:#8f5c00;--amber-soft:#fbf0d9;--face:-apple-system,"PingFang SC","Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei","Segoe UI",Roboto,sans-serif;--mono:ui-monospace,"SF Mono","JetBrains Mono","Noto Sans Mono",monospace}
@media(prefers-color-scheme:dark){:root{--paper:#101413;--surface:#191f1d;--sunken:#0b0e0d;--line:#2b3330;--ink:#eceeea;--ink-2:#a9b2ad;--ink-3:#868f8a;--jade:#4cc3ae;--jade-soft:#14312c;--vermilion:#ff8362;--amber:#e3b25c;--amber-soft:#33280f}}
:root:lang(en){--face:-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans","PingFang SC","Noto Sans CJK SC",sans-serif}
*{box-sizing:border-box}
html{scroll-padding-top:24px}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.6 var(--face);font-variant-numeric:tabular-nums;-webkit-font-smoothing:antialiased}
a{color:var(--jade);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--jade);outline-offset:2px;border-radius:6px}
.page{display:grid;grid-template-columns:264px minmax(0,1fr);max-width:1320px;margin:0 auto}
.contents{position:sticky;top:0;height:100vh;overflow-y:auto;padding:32px 16px 48px 24px;border-right:1px solid var(--line);font-size:13px}
.contents strong{display:block;font-size:17px;line-height:1.3;margin-bottom:4px}
.contents h2{font-size:13px;margin:20px 0 4px;color:var(--ink-2);font-weight:600;border:0;padding:0}
.contents ul{list-style:none;margin:0;padding:0}
.contents li a{display:flex;gap:8px;padding:3px 8px;border-radius:6px;color:var(--ink);overflow-wrap:anywhere}
.contents li a:hover{background:var(--sunken);text-decoration:none}
.contents .method.method{flex:0 0 44px;font-size:11px;line-height:20px;padding:0;background:none;text-align:left}
.languages{color:var(--ink-2)}.languages a{margin-right:12px}.languages a[aria-current]{color:var(--ink);font-weight:600}
main{padding:32px 48px 96px;min-width:0}
h1{font-size:30px;line-height:1.2;margin:0 0 8px}
h2{font-size:22px;line-height:1.3;margin:56px 0 16px;padding-top:24px;border-top:1px solid var(--line)}
h3{font-size:17px;margin:32px 0 8px}
h4{font-size:13px;color:var(--ink-2);font-weight:600;margin:20px 0 6px}
p{margin:0 0 12px;max-width:72ch}
code{font:13px/1.5 var(--mono);overflow-wrap:anywhere}
pre{margin:8px 0 16px;padding:12px 16px;border-radius:10px;background:var(--sunken);overflow-x:auto;font:13px/1.6 var(--mono)}
pre code{overflow-wrap:normal;white-space:pre}
.operation{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:20px 24px 12px;margin:0 0 20px}
.operation h3{margin:0 0 8px;display:flex;flex-wrap:wrap;align-items:center;gap:10px;font:600 15px/1.5 var(--mono)}
.operation h3 a{color:inherit;overflow-wrap:anywhere}
.method{font:600 12px/20px var(--mono);padding:1px 8px;border-radius:6px;background:var(--jade-soft);color:var(--jade);text-align:center}
.method.delete{background:none;box-shadow:inset 0 0 0 1px currentColor;color:var(--vermilion)}
.method.patch,.method.put{background:var(--amber-soft);color:var(--amber)}
.contents .method.delete{box-shadow:none}
.who{color:var(--ink-2);font-size:13px;margin-bottom:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.5}
th{text-align:left;font-weight:600;color:var(--ink-2);white-space:nowrap}
th,td{padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td:first-child{white-space:nowrap;width:1%}
.must{color:var(--vermilion)}
.quiet{color:var(--ink-2)}
.refusals{list-style:none;margin:0 0 12px;padding:0;display:flex;flex-wrap:wrap;gap:2px 20px;font-size:13px;color:var(--ink-2)}
.contents h2 a{color:inherit}
details{margin:12px 0 8px}summary{cursor:pointer;color:var(--ink-2);font-size:13px;min-height:24px}
summary:hover{color:var(--ink)}
:target{scroll-margin-top:24px}.operation:target,tr:target{outline:2px solid var(--jade);outline-offset:2px}
@media(max-width:900px){.page{display:block}.contents{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line);padding:24px 16px}.contents .room{display:none}.contents h2{margin:0}.contents h2 a,.contents li a{min-height:44px;display:flex;align-items:center}main{padding:24px 16px 64px}.operation{padding:16px 16px 8px}td:first-child{white-space:normal;width:42%}h2{margin-top:40px}}
@media print{.contents{display:none}.page{display:block}}`;
