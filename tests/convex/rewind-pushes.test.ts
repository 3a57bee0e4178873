import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { freshTurns, logOf, save, turn } from "./checkpoint-run.ts";
import { AGENT } from "./project-world.ts";
import { sessionId } from "./ready-session.ts";
import { member, type Member } from "./support.ts";
import { ada, db } from "./world.ts";

freshTurns();

const agent = (slug: string, systemPrompt: string) => JSON.stringify({ ...AGENT, slug, systemPrompt });

let at = 0;
/** Has the workspace hold an agent beside what was pulled, and pushes it. @returns the revision */
async function pushed(slug: string, prompt: string): Promise<number> {
  const { definitions } = await ada.as.query(api.projectDefinitions.names, { environment: "development" });
  const project = await ada.as.query(api.sessionProject.get, { sessionId });
  await db.service.mutation(api.sessionProject.keep, {
    sessionId,
    texts: [{ kind: "agent", text: agent(slug, prompt) }],
  });
  const [text] = await db.t.run(
    async (ctx) => await ctx.db.query("sessionDefinitions").order("desc").take(1),
  );
  const others = definitions.filter((one) => !(one.kind === "agent" && one.slug === slug));
  await db.service.mutation(api.sessionProject.record, {
    sessionId,
    revision: project?.revision ?? 0,
    found: [
      ...others.map(({ kind, slug: name, sha256 }) => ({
        kind,
        slug: name,
        file: `${name}.ts`,
        hash: sha256,
      })),
      { kind: "agent", slug, file: `${slug}.ts`, hash: text!.hash },
    ],
    faults: [],
    at: (at += 1),
  });
  const done = await ada.as.mutation(api.sessionProject.push, {
    sessionId,
    revision: project?.revision ?? 0,
    definitions: [{ kind: "agent", slug, seen: text!.hash }],
  });
  return done.revision;
}
const slugs = async () => {
  const { definitions } = await ada.as.query(api.projectDefinitions.names, { environment: "development" });
  return definitions.filter(({ kind }) => kind === "agent").map(({ slug }) => slug);
};
const ask = async (pushes: number[], who: Member = ada) =>
  await who.as.mutation(api.sessionRewinds.start, {
    sessionId,
    what: "both",
    runId: first,
    overwrite: [],
    keep: ["/"],
    pushes,
  });
const kindOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "ok",
    (error: unknown) => (error as { data?: { kind?: string } }).data?.kind,
  );
const pending = async () => await db.t.run(async (ctx) => (await ctx.db.get(sessionId))?.rewindId ?? null);

let first: Id<"runs">;
let before: string[];
let revisions: number[];
beforeEach(async () => {
  first = await turn("one");
  await save("first");
  await turn("two");
  await save("second");
  before = await slugs();
  revisions = [await pushed("support", "Be kind."), await pushed("support", "Be brief.")];
});

test("a rewind takes the pushes back that it names, the last one first, and says so in the log", async () => {
  await ask(revisions);
  expect(await pending()).not.toBeNull();
  expect(await slugs()).toEqual(before);
  const project = (await ada.as.query(api.sessionProject.get, { sessionId }))!;
  // The files that come back are those of before: nothing is then to be pushed.
  expect(project).toMatchObject({ base: 4, revision: 4, pushed: null });
  const log = (await logOf()).filter(({ type }) => type.startsWith("project."));
  expect(
    log.map(({ type, payload }) => [type, payload.revision, payload.undoes, payload.changed_by]),
  ).toEqual([
    ["project.pushed", 1, undefined, "ada"],
    ["project.pushed", 2, undefined, "ada"],
    ["project.taken_back", 3, 2, "ada"],
    ["project.taken_back", 4, 1, "ada"],
  ]);
  const { page } = await ada.as.query(api.audit.list, {
    action: "project.restored",
    paginationOpts: { numItems: 10, cursor: null },
  });
  expect(page).toHaveLength(2);
});

test("where one of them can't be taken back, nothing is, and nothing is rewound", async () => {
  // The first alone: what it made was changed by the second.
  expect(await kindOf(ask([revisions[0]!]))).toBe("project_undo_moved");
  // A change that wasn't made from this session.
  await ada.as.mutation(api.projectEdits.change, {
    environment: "development",
    kind: "agent",
    slug: null,
    definition: agent("other", "Be there."),
    baseRevision: 2,
  });
  expect(await kindOf(ask([3, 2]))).toBe("project_push_not_found");
  expect(await kindOf(ask(Array.from({ length: 21 }, (_, index) => index)))).not.toBe("ok");
  const viewer = await member(db, "vic", "viewer", "ada");
  expect(await kindOf(ask([2], viewer))).toBe("role_too_low");
  expect(await pending()).toBeNull();
  expect(await slugs()).toEqual([...before, "support", "other"]);
});
