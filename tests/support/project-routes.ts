import { expect } from "vitest";
import type { checkedCalls } from "./checked-calls.ts";

/** The project of development, each route with success; in the end it is as it was. */
export async function projectOf(succeed: ReturnType<typeof checkedCalls>["succeed"]): Promise<void> {
  const params = { environment: "development" as const };
  const clerk = { kind: "role" as const, slug: "clerk" };
  const text = JSON.stringify({
    name: "clerk",
    policies: [{ resource: "ticket", actions: ["read"], effect: "allow" }],
  });
  const { revision } = await succeed("GET /api/v1/project/{environment}", { params });
  const made = await succeed("PUT /api/v1/project/{environment}/definition", {
    params,
    body: { kind: "role", slug: null, definition: text, base_revision: revision },
  });
  expect(made.created).toEqual([clerk]);
  expect(
    await succeed("GET /api/v1/project/{environment}/definition", { params, query: clerk }),
  ).toMatchObject({ definition: text, version: 1, revision: made.revision });
  const undone = await succeed("POST /api/v1/project/{environment}/changes/{revision}/undo", {
    params: { ...params, revision: String(made.revision) },
  });
  expect(undone.deleted).toEqual([clerk]);
  const back = await succeed("POST /api/v1/project/{environment}/restore", {
    params,
    body: { ...clerk, version: 1, base_revision: undone.revision },
  });
  const { changes } = await succeed("GET /api/v1/project/{environment}/changes", { params });
  expect(changes.slice(0, 3)).toMatchObject([
    { revision: back.revision, created: 1 },
    { undoes: made.revision },
    { revision: made.revision, undone_by: undone.revision },
  ]);
  // Production has none: what is promoted from there is deleted here.
  const production = await succeed("GET /api/v1/project/{environment}", {
    params: { environment: "production" },
  });
  const gone = await succeed("POST /api/v1/project/{environment}/promote", {
    params,
    body: {
      from: "production",
      from_revision: production.revision,
      base_revision: back.revision,
      names: [clerk],
    },
  });
  expect(gone.deleted).toEqual([clerk]);
}
