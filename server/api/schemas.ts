import { z } from 'zod';
import type { Id } from '../kernel/ids.ts';

/** An id of this kind, as ids.ts makes them. The kind is for the compiler alone. */
export const idSchema = <Kind extends string>(_kind: Kind) =>
  z.string().regex(/^[0-9a-z]{26}$/, 'must be an id: 26 lower-case letters and digits') as unknown as z.ZodType<Id<Kind>, string>;

/** A point of time in answers and queries: epoch ms. */
export const timeSchema = z.int().min(0).max(8.64e15);

/** A point of time in a query, where everything is text: epoch ms. */
export const queryTime = z.coerce.number().int().min(0).max(8.64e15);

/** A text that people read: without control characters, not blank. The joiners are let through, which names and composed emoji are written with. */
export const textSchema = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    // Each character fits one place alone: a pattern that has to try several takes seconds for a long text that ends badly.
    .regex(
      /^[\p{M}\p{Z}]*[\p{L}\p{N}\p{P}\p{S}][\P{C}\u200c\u200d]*$/u,
      'must hold something that can be seen, and no control characters',
    );

/** The page of a list that is asked for. */
export const pageQuery = z.strictObject({
  cursor: z.string().min(1).max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** One page of these items. */
export const pageSchema = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next: z.string().optional() });
