/** Undoes in memory what SQLite undoes on disk: whoever changes a cached copy of stored state records how to take the change back. */
export type Journal = {
  record(undo: () => void): void;
  mark(): number;
  /** Takes back everything recorded since the mark, latest first. */
  rollbackTo(mark: number): void;
  /** Forgets all records: what they would undo is on disk. */
  clear(): void;
};

export function createJournal(): Journal {
  const undos: Array<() => void> = [];
  return {
    record: (undo) => void undos.push(undo),
    mark: () => undos.length,
    rollbackTo(mark) {
      while (undos.length > mark) undos.pop()?.();
    },
    clear() {
      undos.length = 0;
    },
  };
}
