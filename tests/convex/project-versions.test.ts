import { afterEach, expect, test, vi } from "vitest";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { AGENT, keyOf, sync, texts } from "./project-world.ts";
import { settle } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();
afterEach(() => void vi.useRealTimers());

const COUNT = 40;
const slugs = Array.from({ length: COUNT }, (_, index) => `agent-${index}`);
const agents = (name: string) => texts(...slugs.map((slug) => ({ ...AGENT, slug, name })));

/** The numbers of the versions that are kept of a definition. */
const kept = async (slug: string) =>
  await db.t.run(async (ctx) => {
    const rows = await ctx.db
      .query("projectVersions")
      .withIndex("by_version", (q) =>
        q
          .eq("organizationId", ada.organizationId)
          .eq("environment", "development")
          .eq("kind", "agent")
          .eq("slug", slug),
      )
      .collect();
    return rows.map(({ version }) => version);
  });

test("a push of many definitions, each with an old version of the largest size, is applied, and those versions go", async () => {
  const key = await keyOf(db, ada);
  const { body: before } = await sync(db, key, "/v1/sync/state");
  const first = { base_revision: before.revision, agents: agents("One") };
  expect((await sync(db, key, "/v1/sync", first)).status).toBe(200);
  // As after a hundred pushes: all of these texts together are more than a transaction may read.
  const old = JSON.stringify({ text: "x".repeat(PROJECT_LIMITS.definitionBytes - 100) });
  for (const slug of slugs)
    await db.t.run(async (ctx) => {
      const own = ctx.db
        .query("projectVersions")
        .withIndex("by_version", (q) =>
          q
            .eq("organizationId", ada.organizationId)
            .eq("environment", "development")
            .eq("kind", "agent")
            .eq("slug", slug),
        );
      const { _id, _creationTime, ...row } = (await own.first())!;
      await ctx.db.patch(_id, { definition: old });
      await ctx.db.insert("projectVersions", { ...row, version: PROJECT_LIMITS.versions });
    });
  await db.t.run(async (ctx) => {
    const head = (await ctx.db
      .query("projectHeads")
      .withIndex("by_environment", (q) =>
        q.eq("organizationId", ada.organizationId).eq("environment", "development"),
      )
      .unique())!;
    const entries = head.entries.map((entry) =>
      slugs.includes(entry.slug) ? { ...entry, version: PROJECT_LIMITS.versions } : entry,
    );
    await ctx.db.patch(head._id, { entries });
  });
  const second = { base_revision: before.revision + 1, agents: agents("Two") };
  vi.useFakeTimers();
  const pushed = await sync(db, key, "/v1/sync", second);
  expect(pushed.status, JSON.stringify(pushed.body)).toBe(200);
  await settle(db, COUNT);
  for (const slug of slugs)
    expect(await kept(slug), slug).toEqual([PROJECT_LIMITS.versions, PROJECT_LIMITS.versions + 1]);
});
