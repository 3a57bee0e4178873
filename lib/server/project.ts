import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { type Suggestion, suggestionsFor } from "#domain/suggestions.ts";
import { dataFor } from "./convex/client.ts";

/** What could be asked of the caller's project as it stands in development. */
export async function suggestionsOf(caller: Principal): Promise<Suggestion[]> {
  return suggestionsFor(
    await dataFor(caller).query(api.projectSummaries.names, { environment: "development" }),
  );
}
