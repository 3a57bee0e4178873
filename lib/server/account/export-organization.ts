import { api } from "#convex/_generated/api.js";
import type { ExportLine } from "#contracts/exports.ts";
import { EXPORT_TABLES, type ExportTable } from "#domain/exports.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { downloadOf, fileName } from "../http/download.ts";

const PAGE_ROWS = 100;
/** Fields that are stored as JSON text, and written as what they say. */
const JSON_FIELDS = new Set(["payload", "request", "definition", "before", "after"]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What cannot be read is still the organization's: it is written as it is stored.
    return text;
  }
}

/** A row in the words of the v1 API: `createdAt` → `created_at`, moments as ISO 8601, JSON text as JSON. */
export function toExportRow(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => {
      const name = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (typeof value === "number" && (name.endsWith("_at") || name === "ts"))
        return [name, new Date(value).toISOString()];
      return [name, typeof value === "string" && JSON_FIELDS.has(name) ? parsed(value) : value];
    }),
  );
}

async function readPage(caller: Principal, table: ExportTable, cursor: string | null) {
  return await dataFor(caller).query(api.exports.page, {
    table,
    paginationOpts: { numItems: PAGE_ROWS, cursor },
  });
}

const written = (lines: readonly ExportLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");

/** The lines of an organization's export, page by page: no more of it is in memory than one page. */
async function* exportPages(caller: Principal, head: ExportLine): AsyncGenerator<string> {
  let rows = 0;
  let before = [head];
  for (const table of EXPORT_TABLES) {
    let cursor: string | null = null;
    for (let done = false; !done;) {
      const found: Awaited<ReturnType<typeof readPage>> = await readPage(caller, table, cursor);
      rows += found.page.length;
      yield written([...before, ...found.page.map((row) => ({ type: table, row: toExportRow(row) }))]);
      before = [];
      cursor = found.continueCursor;
      done = found.isDone;
    }
  }
  yield written([{ type: "end", rows }]);
}

/**
 * Everything of the caller's organization as a download of newline-delimited JSON. A refusal comes before the first
 * byte; a failure later cuts the file off, which then lacks its last line.
 * @throws ConvexError forbidden
 */
export async function exportOrganization(caller: Principal): Promise<Response> {
  const profile = await dataFor(caller).query(api.exports.organization, {});
  const head: ExportLine = { type: "organization", ...profile, exported_at: new Date().toISOString() };
  return await downloadOf(exportPages(caller, head), {
    media: "application/x-ndjson",
    name: `studio-${fileName(profile.slug, "organization")}.ndjson`,
    of: "an export",
  });
}
