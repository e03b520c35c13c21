/** One thing that a change touched, as plain words: `undefined` where there was, or is, nothing. */
export interface FieldChange {
  /** `traits.kind` for what lies deeper. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What differs between before and after, in the order in which it stands there; what stayed the same is left out. */
export function listChanges(before: Fields = {}, after: Fields = {}, prefix = ''): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [old, fresh] = [before[name], after[name]];
    const path = prefix + name;
    if (isRecord(old) || isRecord(fresh)) {
      if ((old === undefined || isRecord(old)) && (fresh === undefined || isRecord(fresh)))
        return listChanges(old ?? {}, fresh ?? {}, `${path}.`);
    }
    return JSON.stringify(old) === JSON.stringify(fresh) ? [] : [{ path, before: old, after: fresh }];
  });
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
