import { DatabaseSync } from "node:sqlite";
import { APP, fullName, splitName } from "../engine/component-path.ts";
import { PlatformError } from "../engine/errors.ts";
import { isWithin, openSource, type ImportJob } from "./source.ts";

/** What an import would do, in words and as to whether it takes anything away. */
export interface ImportPreview {
  message: string;
  deletes: boolean;
}

/**
 * Reads a file once as the import will, so that what is wrong with it shows before anything waits for it.
 * @param database the data as they are, which others may be using
 * @throws PlatformError that says what is wrong with the file
 */
export async function previewImport(
  database: string,
  { file, request }: Omit<ImportJob, "id">,
): Promise<ImportPreview> {
  const source = await openSource(file, request);
  const stored = countDocuments(database);
  const lines: string[] = [];
  let deletes = false;
  const imported = new Set<string>();
  for (const { component, name, rows } of source.tables) {
    const table = fullName(component, name);
    if (imported.has(table)) throw new PlatformError(`The import has the table "${name}" twice.`);
    imported.add(table);
    let count = 0;
    for await (const _ of rows()) count++;
    const before = request.mode === "replace" || request.mode === "replaceAll" ? (stored.get(table) ?? 0) : 0;
    deletes ||= before > 0;
    lines.push(lineOf(component, name, count, before));
  }
  for (const [table, before] of request.mode === "replaceAll" ? stored : []) {
    const { component, name } = splitName(table);
    if (
      imported.has(table) ||
      before === 0 ||
      name.startsWith("_") ||
      !isWithin(component, request.component)
    )
      continue;
    deletes = true;
    lines.push(lineOf(component, name, 0, before));
  }
  return { message: `Summary of changes:\n${lines.toSorted().join("\n")}`, deletes };
}

function lineOf(component: string, name: string, created: number, deleted: number): string {
  const table = component === APP ? name : `${component}/${name}`;
  return `  ${table}: ${created} created${deleted > 0 ? `, ${deleted} deleted` : ""}`;
}

/** How many documents there are, by their tables' full names. */
function countDocuments(database: string): Map<string, number> {
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    const rows = db
      .prepare(
        "SELECT t.name, count(*) AS n FROM documents d JOIN tables t ON t.number = d.tbl GROUP BY d.tbl",
      )
      .all();
    return new Map(rows.map(({ name, n }) => [name as string, Number(n)]));
  } finally {
    db.close();
  }
}
