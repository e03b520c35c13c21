import { checkPipeline, runPipeline } from './aggregate.ts';
import { type Document, isDocument } from './document.ts';
import { commandError } from './errors.ts';
import type { UpdateOptions, Updater } from './update.ts';

/** An update by pipeline: https://www.mongodb.com/docs/v8.0/tutorial/update-documents-with-aggregation-pipeline/ */
export function compilePipelineUpdate(stages: readonly Document[], options: UpdateOptions): Updater {
  if (options.arrayFilters !== undefined) throw commandError(9, 'arrayFilters may not be specified for pipeline-style updates');
  for (const stage of stages) {
    const [name] = isDocument(stage) ? Object.keys(stage) : [];
    if (name !== undefined && !STAGES.has(name)) throw commandError(72, `${name} is not allowed to be used within an update`);
  }
  checkPipeline(stages);
  return (document, { now }) => {
    const variables = { NOW: now, ...options.variables };
    for (const changed of runPipeline([document], stages, { variables, lookup: () => [] })) return withId(changed, document._id);
    return document;
  };
}

/** As with a replacement: what has no id of its own keeps that of the document. */
function withId(changed: Document, id: unknown): Document {
  return '_id' in changed || id === undefined ? changed : { _id: id, ...changed };
}

const STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);
