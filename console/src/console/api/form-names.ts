/** The field that a path of the body belongs to: `traits.kind` is part of the field `traits`, unless `traits.kind` is a field itself. */
export function nameIn(known: readonly string[], path: string): string | undefined {
  return known.filter((name) => path === name || path.startsWith(`${name}.`)).sort((a, b) => b.length - a.length)[0];
}
