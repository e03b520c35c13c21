import { isNumeric, toNumber } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { type CommandError, commandError, shown } from './errors.ts';

/** What a pipeline may ask of the engine. `lookup` reads a collection of the same database through the planner. */
export type PipelineContext = {
  variables: Document;
  lookup: (collection: string, filter: Document) => Iterable<Document>;
};

/** One stage, ready to run; it reads no document before its result is asked for one. */
export type Stage = (source: Iterable<Document>) => Iterable<Document>;

/** What a stage is made with. `compile` makes the stages inside it ($facet, $lookup), `following` are those behind it. */
export type StageContext = PipelineContext & {
  compile: (stages: readonly unknown[], context: PipelineContext) => Stage;
  following: readonly Document[];
};

export type StageCompiler = (operand: unknown, context: StageContext) => Stage;

/** A stage that makes of each document one other. */
export function mapped(change: (document: Document) => Document): Stage {
  return function* (source) {
    for (const document of source) yield change(document);
  };
}

/** A stage that has to see every document before it gives the first. */
export function collected(make: (source: Iterable<Document>) => Iterable<Document>): Stage {
  return function* (source) {
    yield* make(source);
  };
}

/** The whole number that a stage takes, else an error of the given code. */
export function wholeOperand(stage: string, value: unknown, code: number): number {
  const number = isNumeric(value) ? toNumber(value) : Number.NaN;
  if (!Number.isInteger(number))
    throw commandError(code, `invalid argument to ${stage} stage: Expected an integer: ${stage}: ${shown(value)}`);
  if (number < 0)
    throw commandError(code, `invalid argument to ${stage} stage: Expected a non-negative number in: ${stage}: ${shown(value)}`);
  return number;
}

/** The document that a stage takes, else the given error; its fields may only be those in `names`, where these are given. */
export function documentOperand(stage: string, value: unknown, code: number, names?: readonly string[]): Document {
  if (!isDocument(value)) throw commandError(code, `the ${stage} stage specification must be an object, found: ${shown(value)}`);
  const unknown = names && Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownField(stage, unknown);
  return value;
}

function unknownField(stage: string, name: string): CommandError {
  return commandError(40415, `BSON field '${stage}.${name}' is an unknown field.`);
}
