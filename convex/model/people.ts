import { PERSON, withName } from "#domain/event-people.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** Looks names up by id where they are shown, each once: rows keep ids alone, so that nobody's name outlives them. */
export class Names {
  readonly #ctx: QueryCtx | MutationCtx;
  readonly #known = new Map<Id<"users">, string>();

  constructor(ctx: QueryCtx | MutationCtx) {
    this.#ctx = ctx;
  }

  async of(userId: Id<"users">): Promise<string> {
    const known = this.#known.get(userId);
    if (known !== undefined) return known;
    const name = (await this.#ctx.db.get(userId))?.name ?? "";
    this.#known.set(userId, name);
    return name;
  }

  /** A text in which `PERSON` stands for somebody. */
  async fill(text: string, userId: Id<"users"> | undefined): Promise<string> {
    return userId && text.includes(PERSON) ? text.replace(PERSON, await this.of(userId)) : text;
  }

  /** An event's payload (JSON text) as it is shown. */
  async payloadOf(row: Doc<"sessionEvents">): Promise<string> {
    if (!row.personId || !row.payload.includes(PERSON)) return row.payload;
    return withName(row.type, row.payload, await this.of(row.personId));
  }
}
