/** The first value of each parameter: a repeated one does not turn into a list. The object has no prototype, so that no name is special. */
export function firstValues(querystring: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(querystring)) values[name] ??= value;
  return values;
}
