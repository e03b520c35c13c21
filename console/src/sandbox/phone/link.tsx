import type { ReactNode } from 'react';
import { safeUrl } from '../rich-text.ts';

/**
 * Words that lead to a page, where the address is http or https. Opens beside the sandbox and tells the page that it opens nothing
 * about this one. Where it leads is seen before it is followed.
 */
export function Link({ url, children }: { url: string; children: ReactNode }) {
  const href = safeUrl(url);
  if (!href) return children;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" title={href}>
      {children}
    </a>
  );
}
