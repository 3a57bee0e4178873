import { MAX_CSV_ROWS } from "#contracts/csv.ts";
import { MAX_PAGE } from "#domain/limits.ts";

/** What a spreadsheet would take for a formula, and carry out. */
const FORMULA = /^[=+\-@\t\r]/;
/** What is no formula, whatever it begins with. */
const NUMBER = /^-\d{1,20}$/;

function cell(value: string | null): string {
  const text = value ?? "";
  const harmless = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Rows as CSV (RFC 4180). A text that a spreadsheet would carry out as a formula begins with an apostrophe. */
export function csvOf(rows: readonly (readonly (string | null)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

type Cells = (string | null)[];

/** What becomes a file, page by page. */
interface Paged<Row> {
  fileName: string;
  columns: readonly string[];
  read: (page: { limit: number; cursor?: string | undefined }) => Promise<{
    rows: Row[];
    nextCursor: string | null;
  }>;
  cells: (row: Row) => Cells;
  /** Rows that are wanted, and where the file begins. */
  limit: number | undefined;
  cursor: string | undefined;
  /** Of the request. */
  url: string;
}

/** A list as a download of CSV, at most a thousand rows; where there are more, the header `link` names the next part. */
export async function csvDownload<Row>(list: Paged<Row>): Promise<Response> {
  const wanted = list.limit ?? MAX_CSV_ROWS;
  const lines: Cells[] = [[...list.columns]];
  let cursor: string | null | undefined = list.cursor;
  // As many pages as fill it, and no more: a filter may leave nothing of many a page.
  for (
    let pages = 0;
    pages < MAX_CSV_ROWS / MAX_PAGE && lines.length <= wanted && cursor !== null;
    pages += 1
  ) {
    const limit = Math.min(MAX_PAGE, wanted - lines.length + 1);
    const page = await list.read({ limit, cursor: cursor ?? undefined });
    lines.push(...page.rows.map(list.cells));
    cursor = page.nextCursor;
  }
  const next = new URL(list.url);
  if (cursor) next.searchParams.set("cursor", cursor);
  return new Response(csvOf(lines), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${list.fileName}"`,
      "cache-control": "no-store",
      ...(cursor && { link: `<${next.pathname}${next.search}>; rel="next"` }),
    },
  });
}
