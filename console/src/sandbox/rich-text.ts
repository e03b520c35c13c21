/** A piece of a text reply: words, or words that lead to a page. */
export interface TextPiece {
  text: string;
  /** An http or https address. */
  url?: string;
}

/**
 * Splits a text reply as the platform's chat shows it: plain text, in which `<a href="…">…</a>` with an http or https address is a link.
 * Everything else that looks like markup is text, and shown as it stands.
 */
export function splitText(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let shown = 0;
  for (const match of text.matchAll(anchor)) {
    const url = safeUrl(match[1] ?? match[2] ?? '');
    if (!url) continue;
    if (match.index > shown) pieces.push({ text: text.slice(shown, match.index) });
    pieces.push({ text: match[3] || url, url });
    shown = match.index + match[0].length;
  }
  if (shown < text.length) pieces.push({ text: text.slice(shown) });
  return pieces;
}

const anchor = /<a\s+(?:[^<>]*?\s)?href\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]*>([^<]*)<\/a>/gi;

/** The address, where it is one of http or https: no other is ever opened. */
export function safeUrl(written: string): string | undefined {
  const url = URL.parse(written.trim());
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
}
