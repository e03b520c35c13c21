import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { WireRow } from '../../../../server/sandbox/contract.ts';

/** Keeps a list where its reader is while rows come in above, and counts those they have not seen. At the top it follows what comes. */
export function useKeptPlace(rows: readonly WireRow[]) {
  const list = useRef<HTMLDivElement>(null);
  const before = useRef({ first: '', height: 0 });
  const [seen, setSeen] = useState('');
  const [isAtTop, setAtTop] = useState(true);
  const first = rows[0]?.id ?? '';

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const { first: firstBefore, height } = before.current;
    const isAddedAbove = firstBefore !== '' && first > firstBefore;
    // Browsers that anchor the scroll themselves are told not to (wire.css), so that all do the same.
    if (isAddedAbove && element.scrollTop > 0) element.scrollTop += element.scrollHeight - height;
    before.current = { first, height: element.scrollHeight };
  });

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const look = () => setAtTop(element.scrollTop < atTop);
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);

  useLayoutEffect(() => {
    if (isAtTop) setSeen(first);
  }, [isAtTop, first]);

  const toTop = useCallback(() => list.current?.scrollTo({ top: 0 }), []);
  return { list, newCount: seen === '' ? 0 : rows.filter(({ id }) => id > seen).length, toTop };
}

const atTop = 8;
