/** Windows and pages as MongoDB is asked for them. */
import type { Window } from '../store.ts';

/** @param field when a document of it began. */
export function began({ sinceIso, untilIso }: Window, field = 'started_at'): object | undefined {
  if (sinceIso === undefined && untilIso === undefined) return undefined;
  return {
    [field]: { ...(sinceIso !== undefined && { $gte: sinceIso }), ...(untilIso !== undefined && { $lt: untilIso }) },
  };
}

/** What comes after a row, by the time it began, then by id. Twice, so that an index is read from there on. */
export function beyond({ started_at, id }: { started_at: string; id: string }, way: 1 | -1): object {
  const [than, orAt] = way === 1 ? ['$gt', '$gte'] : ['$lt', '$lte'];
  return {
    started_at: { [orAt]: started_at },
    $or: [{ started_at: { [than]: started_at } }, { started_at, _id: { [than]: id } }],
  };
}

/** Of any collection: what is asked for is known to its documents. */
export function and(...conditions: (object | undefined | '' | false)[]): Record<string, unknown> {
  const given = conditions.filter(Boolean) as object[];
  return given.length === 0 ? {} : { $and: given };
}
