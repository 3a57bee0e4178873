import { type Validator, v } from "convex/values";
import { takeUpTo } from "./paging.ts";

/** Where a walk over an index of moments stands: behind a row with that moment, which was created then. */
const place = v.object({ at: v.number(), created: v.number() });
/** The same as an argument; left out for the first page. */
export const after = v.optional(place);
type Place = typeof place.type;

/** Of a page. */
export const ROWS = 100;
/** What a query of what is due returns. */
export const duePage = <T extends Validator<unknown, "required", string>>(item: T) =>
  v.object({ items: v.array(item), next: v.nullable(place) });
/** Before everything: no moment of a row is negative. */
export const START: Place = { at: -1, created: 0 };

/** A page of what is due, and where the next page begins; null behind the last. */
export function pageOf<Row extends { _creationTime: number }, Item>(
  rows: Row[],
  atOf: (row: Row) => number,
  item: (row: Row) => Item,
): { items: Item[]; next: Place | null } {
  const last = rows.at(-1);
  return {
    items: rows.map(item),
    next: last ? { at: atOf(last), created: last._creationTime } : null,
  };
}

async function* chained<Row>(queries: AsyncIterable<Row>[]): AsyncGenerator<Row> {
  for (const query of queries) yield* query;
}

/** Rows of one query after another, a page of them all. */
export const inTurn = async <Row extends object>(...queries: AsyncIterable<Row>[]): Promise<Row[]> =>
  await takeUpTo(chained(queries), { rows: ROWS });
