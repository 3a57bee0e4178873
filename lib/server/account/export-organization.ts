import { api } from "#convex/_generated/api.js";
import type { ExportLine } from "#contracts/exports.ts";
import { EXPORT_TABLES, type ExportTable } from "#domain/exports.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";

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

/** The lines of an organization's export, page by page: no more of it is in memory than one page. */
async function* exportPages(caller: Principal): AsyncGenerator<ExportLine[]> {
  let rows = 0;
  for (const table of EXPORT_TABLES) {
    let cursor: string | null = null;
    for (let done = false; !done;) {
      const found: Awaited<ReturnType<typeof readPage>> = await readPage(caller, table, cursor);
      rows += found.page.length;
      yield found.page.map((row) => ({ type: table, row: toExportRow(row) }));
      cursor = found.continueCursor;
      done = found.isDone;
    }
  }
  yield [{ type: "end", rows }];
}

/**
 * Everything of the caller's organization as a download of newline-delimited JSON. A refusal comes before the first
 * byte; a failure later cuts the file off, which then lacks its last line.
 * @throws ConvexError forbidden
 */
export async function exportOrganization(caller: Principal): Promise<Response> {
  const profile = await dataFor(caller).query(api.exports.organization, {});
  const pages = exportPages(caller);
  const first = await pages.next();
  const encoder = new TextEncoder();
  const encode = (lines: readonly ExportLine[]) =>
    encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const head: ExportLine = { type: "organization", ...profile, exported_at: new Date().toISOString() };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encode([head, ...(first.done ? [] : first.value)])),
    pull: async (controller) => {
      try {
        // An empty page would leave the reader without anything to ask again for.
        for (;;) {
          const next = await pages.next();
          if (next.done) return controller.close();
          if (next.value.length > 0) return controller.enqueue(encode(next.value));
        }
      } catch (error) {
        log("error", "an export was cut off", { error: messageOf(error) });
        controller.error(error);
      }
    },
    cancel: async () => void (await pages.return(undefined)),
  });
  return new Response(body, {
    headers: {
      "content-type": "application/x-ndjson; charset=utf-8",
      "content-disposition": `attachment; filename="studio-${fileName(profile.slug)}.ndjson"`,
      "cache-control": "no-store",
    },
  });
}

const fileName = (slug: string) => slug.replaceAll(/[^\w-]/g, "").slice(0, 60) || "organization";
