import { useCallback, useEffect, useRef, useState } from 'react';
import type { Listed } from '../../../../server/api/contract.ts';
import { asProblem, type Problem } from './problem.ts';
import { request } from './request.ts';

/** What a view reads from the server, and how far that is. */
export interface Resource<Data> {
  /** What was read last; kept while it is read again, and shown at once when a view is come back to. */
  data: Data | undefined;
  /** Why the last reading failed; `data` may still be what it was before. */
  problem: Problem | undefined;
  isReading: boolean;
  /** Reads it anew. */
  reload(): void;
  /** Puts what a change answered in its place, without asking again. */
  set(data: Data): void;
}

/** Reads `path` when the view opens and when the path changes; nothing while it is undefined. */
export function useResource<Data>(path: string | undefined): Resource<Data> {
  const [state, setState] = useState<Reading<Data>>(() => begin(path));
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is a new reading.
  useEffect(() => {
    setState(begin(path));
    if (path === undefined) return;
    const stop = new AbortController();
    request<Data>('GET', path, { signal: stop.signal }).then(
      (data) => {
        if (stop.signal.aborted) return;
        remembered.set(path, data);
        setState({ path, data, isReading: false });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setState((now) => ({ ...now, problem: asProblem(error), isReading: false }));
      },
    );
    return () => stop.abort();
  }, [path, turn]);
  const current = state.path === path ? state : begin<Data>(path);
  return {
    data: current.data,
    problem: current.problem,
    isReading: current.isReading,
    reload: useCallback(() => setTurn((last) => last + 1), []),
    set: useCallback(
      (data: Data) => {
        if (path !== undefined) remembered.set(path, data);
        setState({ path, data, isReading: false });
      },
      [path],
    ),
  };
}

/** A list that is read page by page: `data` holds the items read so far. */
export interface ListResource<Item> extends Resource<readonly Item[]> {
  hasMore: boolean;
  /** Reads the next page behind what is there. */
  readMore(): void;
  isReadingMore: boolean;
}

/** Reads the list at `path`, which may have a query of its own. */
export function useList<Item>(path: string | undefined): ListResource<Item> {
  const first = useResource<Listed<Item>>(path);
  const [isReadingMore, setReadingMore] = useState(false);
  const latest = useRef(first);
  latest.current = first;

  const readMore = useCallback(() => {
    const { data, set } = latest.current;
    if (path === undefined || data?.next === undefined) return;
    setReadingMore(true);
    const next = `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(data.next)}`;
    request<Listed<Item>>('GET', next)
      .then(
        (page) => {
          // Read anew meanwhile: the page belongs to what is no longer there.
          if (latest.current.data !== data) return;
          set({ ...page, items: [...data.items, ...page.items] });
        },
        // Said by reading the whole list anew, which fails in the same way or mends it.
        () => latest.current.reload(),
      )
      .finally(() => setReadingMore(false));
  }, [path]);

  return {
    ...first,
    data: first.data?.items,
    set: useCallback((items: readonly Item[]) => latest.current.set({ ...latest.current.data, items }), []),
    hasMore: first.data?.next !== undefined,
    readMore,
    isReadingMore,
  };
}

/** Forgets everything that was read: another person's page begins empty. */
export function forgetResources(): void {
  remembered.clear();
}

interface Reading<Data> {
  path: string | undefined;
  data?: Data;
  problem?: Problem;
  isReading: boolean;
}

const remembered = new Map<string, unknown>();

function begin<Data>(path: string | undefined): Reading<Data> {
  const known = path === undefined ? undefined : (remembered.get(path) as Data | undefined);
  return { path, ...(known === undefined ? {} : { data: known }), isReading: path !== undefined };
}
