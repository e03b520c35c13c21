import { type Document, isDocument } from './bson.ts';
import { compileElementFilter } from './match.ts';

type Position = (root: Document, array: readonly unknown[]) => number;

/** Which element of the array at `path` the filter matched, for the projection `path.$`: by the first condition on the array. -1 for none. */
export function matchedPosition(
  filter: Document,
  path: string,
  compile: (condition: Document) => (document: Document) => boolean,
): Position {
  const conditions = conditionsOn(filter, path, compile);
  return (_, array) => {
    for (const meets of conditions) {
      const place = array.findIndex(meets);
      if (place >= 0) return place;
    }
    return -1;
  };
}

/** The filter's conditions on the array or on fields of its elements, each as a test of one element. */
function conditionsOn(
  filter: Document,
  path: string,
  compile: (condition: Document) => (document: Document) => boolean,
): ((element: unknown) => boolean)[] {
  return Object.entries(filter).flatMap(([name, condition]) => {
    if (name === '$and' && Array.isArray(condition)) return condition.flatMap((part) => conditionsOn(part, path, compile));
    if (name === path) {
      if (isDocument(condition) && isDocument(condition.$elemMatch)) return [compileElementFilter(condition.$elemMatch)];
      const test = compile({ value: condition });
      return [(element: unknown) => test({ value: element })];
    }
    if (!name.startsWith(`${path}.`)) return [];
    const test = compile({ [name.slice(path.length + 1)]: condition });
    return [(element: unknown) => isDocument(element) && test(element)];
  });
}
