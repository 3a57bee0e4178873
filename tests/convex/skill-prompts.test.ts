import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_MENTIONS } from "#domain/mentions.ts";
import { MAX_SKILL_BYTES } from "#domain/skills.ts";
import { readySession } from "./support.ts";
import { SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

let sessionId: Id<"sandboxSessions">;
let generation: number;
beforeEach(async () => {
  ({ sessionId, generation } = await readySession(db, ada));
});

const make = async (fields: Partial<typeof SKILL> = {}) =>
  await ada.as.mutation(api.skills.create, { ...SKILL, ...fields });
const send = async (message: string) => (await ada.as.mutation(api.runs.start, { sessionId, message })).runId;
const prompts = async () => {
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  return queued.flatMap(({ command }) => (command.kind === "prompt" ? [command] : []));
};
/** Ends the run whose prompt is queued first. */
async function endFirst(): Promise<Id<"runs">> {
  const { runId } = (await prompts())[0]!;
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: 1,
    events: [],
    runEnd: { runId, ending: { status: "completed", output: "", stopReason: "end_turn" } },
  });
  return runId;
}
const events = async () => {
  const rows = await db.t.run(
    async (ctx) =>
      await ctx.db
        .query("sessionEvents")
        .withIndex("by_session_seq", (q) => q.eq("sessionId", sessionId))
        .collect(),
  );
  return rows.map(({ type, payload }) => ({ type, payload: JSON.parse(payload) as Record<string, unknown> }));
};
const ofSkills = async () => (await events()).filter(({ type }) => type.startsWith("skill."));
const failures = async () => (await ofSkills()).map(({ payload }) => payload["reason"]);

describe("a message that names a skill", () => {
  test.each(["$[ada:web].article-writer", "$[web:mvp].article-writer"])(
    "brings its text to the agent, by %s",
    async (mention) => {
      const skill = await make();
      const message = `Please call ${mention} and write.`;
      await send(message);
      const [prompt] = await prompts();
      expect(prompt).toMatchObject({ text: message });
      expect(prompt?.skills).toEqual([expect.stringContaining(SKILL.body.trim())]);
      expect(prompt?.skills?.[0]).toContain("/workspace/.skills_runtime_sdk/skills/article-writer");
      expect(await ofSkills()).toEqual([
        {
          type: "skill.injected",
          payload: expect.objectContaining({ skill_id: skill.id, revision: 1, mention }) as object,
        },
      ]);
    },
  );

  test("by two names brings it once", async () => {
    await make();
    await send("$[web:mvp].article-writer $[ada:web].article-writer $[web:mvp].article-writer");
    expect((await prompts())[0]?.skills).toHaveLength(1);
    expect(await ofSkills()).toHaveLength(1);
  });

  test("that is not there says so, and the others still go in", async () => {
    await make();
    await make({ name: "asleep", enabled: false });
    await make({ name: "elsewhere", root: "docs/skills" });
    await send(
      "$[ada:web].none $[eve:web].article-writer $[ada:skills].elsewhere $[ada:web].asleep $[web:mvp].article-writer",
    );
    expect(await failures()).toEqual([
      "unknown_skill",
      "unknown_namespace",
      "unknown_namespace",
      "disabled",
      undefined,
    ]);
    expect((await prompts())[0]?.skills).toHaveLength(1);
  });

  test("finds it in the session's own roots, and by the alias in the default one alone", async () => {
    await make({ name: "elsewhere", root: "docs/skills" });
    await make();
    await ada.as.mutation(api.skills.setRoots, { sessionId, roots: ["docs/skills"] });
    await send("$[ada:skills].elsewhere $[web:mvp].article-writer");
    expect((await prompts())[0]?.skills).toHaveLength(1);
    expect((await failures()).filter(Boolean)).toEqual(["unknown_namespace"]);
  });

  test("that is malformed is text", async () => {
    await make();
    await send("$[web:mvp].article-writer] and $[web:mvp].Article");
    expect((await prompts())[0]).not.toHaveProperty("skills");
    expect(await ofSkills()).toEqual([]);
  });

  test("brings the text that it has when the run starts", async () => {
    const { id: skillId } = await make();
    await send("first");
    await send("$[ada:web].article-writer");
    await ada.as.mutation(api.skills.update, { skillId, body: "Changed." });
    await endFirst();
    expect((await prompts())[0]?.skills?.[0]).toContain("Changed.");
  });

  test("leaves out what would be too much, and says so", async () => {
    const body = "x".repeat(MAX_SKILL_BYTES - 300);
    for (const name of ["large-1", "large-2", "large-3", "large-4", "small"])
      await make({ name, body: name === "small" ? "s" : body });
    await send(
      "$[ada:web].large-1 $[ada:web].large-2 $[ada:web].large-3 $[ada:web].large-4 $[ada:web].small",
    );
    expect((await failures()).filter(Boolean)).toEqual(["too_large"]);
    expect((await prompts())[0]?.skills).toHaveLength(4);
  });

  test("looks up no more names than a message can have", async () => {
    await send(Array.from({ length: MAX_MENTIONS + 2 }, (_, n) => `$[ada:web].none-${n + 10}`).join(" "));
    expect((await failures()).filter((reason) => reason === "too_many")).toHaveLength(2);
  });

  test("brings it again where the agent has to be started again before it took anything", async () => {
    await make();
    const runId = await send("$[ada:web].article-writer");
    const [prompt] = await prompts();
    await db.service.mutation(api.sessionCommands.markSending, {
      commandId: await firstCommand(),
      generation,
    });
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { agentRestart: "agent_exited" }));
    await db.service.mutation(api.sessionAgent.restarted, {
      sessionId,
      generation,
      acpServerId: "again",
      cursor: 1,
      rpcId: "another",
      events: [],
    });
    const [again] = await prompts();
    expect(again).toMatchObject({ runId, rpcId: "another", skills: prompt?.skills });
  });
});

const firstCommand = async () =>
  (await db.service.query(api.sessionCommands.inbox, { sessionId })).queued[0]!.id;

describe("a skill whose variable the sandbox lacks", () => {
  const needy = async () => await make({ envVars: ["PRESS_TOKEN", "PRESS_URL"] });
  const started = async (runId: Id<"runs">) => await ada.as.query(api.runs.get, { runId });

  test("fails the run at once, with what is missing, and the next one starts", async () => {
    await needy();
    const runId = await send("$[ada:web].article-writer");
    expect(await started(runId)).toMatchObject({ status: "failed", errorKind: "missing_env_var" });
    expect((await started(runId)).error).toContain("PRESS_TOKEN, PRESS_URL");
    const failed = (await events()).find(({ type }) => type === "run.failed");
    expect(failed?.payload).toMatchObject({
      error_kind: "missing_env_var",
      details: {
        missing_env_vars: ["PRESS_TOKEN", "PRESS_URL"],
        skill_name: "article-writer",
        skill_path: "/workspace/.skills_runtime_sdk/skills/article-writer/SKILL.md",
        policy: "fail_fast",
      },
    });
    expect(await prompts()).toEqual([]);
    const session = await ada.as.query(api.sandboxSessions.get, { sessionId });
    expect(session).toMatchObject({ status: "ready", waitingFor: null });
    const next = await send("go on");
    expect(await started(next)).toMatchObject({ status: "running" });
  });

  test("fails a run that waited, and the one behind it starts", async () => {
    await needy();
    await send("first");
    const waited = await send("$[ada:web].article-writer");
    const behind = await send("third");
    const first = await endFirst();
    expect(await started(waited)).toMatchObject({ status: "failed", errorKind: "missing_env_var" });
    expect(await started(behind)).toMatchObject({ status: "running" });
    // No turn of the agent's.
    const session = await db.t.run(async (ctx) => await ctx.db.get(sessionId));
    expect(session?.lastTurn).toBe(first);
  });

  test("is left out where the organization has it so", async () => {
    await needy();
    await make({ name: "other" });
    await ada.as.mutation(api.organizationSettings.set, { env_var_missing_policy: "skip_skill" });
    const runId = await send("$[ada:web].article-writer $[ada:web].other");
    expect(await started(runId)).toMatchObject({ status: "running" });
    expect((await prompts())[0]?.skills).toHaveLength(1);
    expect((await ofSkills())[0]?.payload).toMatchObject({
      reason: "missing_env_var",
      missing_env_vars: ["PRESS_TOKEN", "PRESS_URL"],
      policy: "skip_skill",
    });
  });

  test("goes in where the sandbox began with it, for the agent", async () => {
    await needy();
    await db.t.run(
      async (ctx) =>
        await ctx.db.insert("sessionVariables", {
          organizationId: ada.organizationId,
          sessionId,
          ciphertext: "c",
          names: ["PRESS_TOKEN", "PRESS_URL"],
        }),
    );
    expect(await started(await send("$[ada:web].article-writer"))).toMatchObject({ status: "running" });
  });

  test("of a session from before the names were noted is judged by what there is now", async () => {
    await needy();
    for (const [name, reach] of [
      ["PRESS_TOKEN", "agent"],
      ["PRESS_URL", "terminals"],
    ] as const)
      await ada.by.mutation(api.variables.save, {
        name,
        environment: null,
        description: "",
        reach,
        sealed: { ciphertext: "c", version: 1 },
        ...(reach === "agent" && { dataKey: { wrapped: "w", kekVersion: 1 } }),
      });
    await db.t.run(
      async (ctx) =>
        await ctx.db.insert("sessionVariables", {
          organizationId: ada.organizationId,
          sessionId,
          ciphertext: "c",
        }),
    );
    await send("$[ada:web].article-writer");
    expect((await ofSkills())[0]?.payload).toMatchObject({ missing_env_vars: ["PRESS_URL"] });
  });
});
