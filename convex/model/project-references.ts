import { v } from "convex/values";
import { checkText } from "#domain/project/check.ts";
import { nameKey, type ProjectName } from "#domain/project/kinds.ts";
import { hasField, referencesOf } from "#domain/project/references.ts";
import type { EntityTypeDefinition } from "#domain/project/schemas.ts";
import type { QueryCtx } from "../_generated/server";
import type { Entry, Place } from "./project.ts";
import { definitionRow } from "./project-edit.ts";
import { literals } from "./zod-validator.ts";
import { projectKind } from "./values.ts";

/** References of one definition that are told. */
const MAX_REFERENCES = 200;
/** Bytes of entity types that one page reads to look for fields. */
const MAX_TYPE_BYTES = 4_000_000;
const MAX_PATH_CHARS = 300;

/** One definition names another. */
export const shownReference = v.object({
  kind: projectKind,
  slug: v.string(),
  /** Where it stands. */
  path: v.string(),
  field: v.nullable(v.string()),
  /** What of it isn't there; null where all is, and where a field was not looked for. */
  missing: v.nullable(literals(["definition", "field"])),
});

/** Reads what definitions refer to, and looks for it; each entity type is read once. */
export class ReferenceReader {
  readonly #ctx: QueryCtx;
  readonly #place: Place;
  readonly #known: ReadonlySet<string>;
  readonly #types = new Map<string, EntityTypeDefinition | null>();
  #bytes = 0;

  constructor(ctx: QueryCtx, place: Place, entries: readonly Entry[]) {
    this.#ctx = ctx;
    this.#place = place;
    this.#known = new Set(entries.map(nameKey));
  }

  /** An entity type; null where it can't be read, or no more may be. */
  async #typeOf(slug: string): Promise<EntityTypeDefinition | null> {
    const known = this.#types.get(slug);
    if (known !== undefined) return known;
    if (this.#bytes > MAX_TYPE_BYTES) return null;
    const text =
      (await definitionRow(this.#ctx, this.#place, { kind: "entityType", slug }))?.definition ?? "";
    this.#bytes += text.length;
    const read = checkText("entityType", text);
    const type = read.ok ? (read.value as unknown as EntityTypeDefinition) : null;
    this.#types.set(slug, type);
    return type;
  }

  async of(name: ProjectName, text: string) {
    if (name.kind === "file") return [];
    const read = checkText(name.kind, text);
    // What was stored before it was checked may not have the shape that its kind has now.
    if (!read.ok) return [];
    const shown = [];
    for (const { to, path, field = null } of referencesOf(name, read.value).slice(0, MAX_REFERENCES)) {
      let missing: "definition" | "field" | null = null;
      if (!this.#known.has(nameKey(to))) missing = "definition";
      else if (field !== null) {
        const type = await this.#typeOf(to.slug);
        if (type && !hasField(type.schema, field.split("."))) missing = "field";
      }
      shown.push({ ...to, path: path.slice(0, MAX_PATH_CHARS), field, missing });
    }
    return shown;
  }
}
