import type { Document } from './bson.ts';

/** What a pipeline may ask of the engine. `lookup` reads a collection of the same database through the planner. */
export type PipelineContext = {
  variables: Document;
  lookup: (collection: string, filter: Document) => Iterable<Document>;
};

/**
 * Runs a pipeline over documents, lazily where the stages allow it. Stages that write or read the engine itself
 * ($out, $merge, $geoNear, $collStats, $indexStats …) are the caller's. 40324 for unknown stages, 40573 for $changeStream.
 */
export function runPipeline(
  _source: Iterable<Document>,
  _stages: readonly Document[],
  _context: PipelineContext,
): Iterable<Document> {
  throw new Error('to come');
}

/** Throws what is wrong with a pipeline before it runs: 14, 40323, 40324, 40573, 40601. */
export function checkPipeline(_stages: readonly unknown[]): void {
  throw new Error('to come');
}
