import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { member, readySession } from "./support.ts";
import { RULE } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const RAN = { commandId: "c1", command: "git status" };
const CAME = { ...RAN, exitCode: 0, timedOut: false, durationMs: 12, output: "clean" };

test("a person's command is in the log with their name, and in the audit log, before it runs", async () => {
  const { sessionId } = await readySession(db, ada);
  await ada.by.mutation(api.directTools.begin, { sessionId, ...RAN });
  await ada.by.mutation(api.directTools.end, { sessionId, ...CAME });
  const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
  const told = events.filter(({ type }) => type.startsWith("command."));
  expect(told.map(({ type, payload }) => ({ type, ...(JSON.parse(payload) as object) }))).toEqual([
    { type: "command.started", command_id: "c1", command: "git status", run_by: "ada" },
    {
      type: "command.ended",
      command_id: "c1",
      command: "git status",
      exit_code: 0,
      timed_out: false,
      duration_ms: 12,
      output: "clean",
    },
  ]);
  const { page } = await ada.as.query(api.audit.list, { paginationOpts: { numItems: 20, cursor: null } });
  expect(page[0]).toMatchObject({
    action: "session.command_run",
    target: sessionId,
    actor: { kind: "member" },
  });
});

test("only who drives the session may, and only while it is live", async () => {
  const { sessionId } = await readySession(db, ada);
  const mia = await member(db, "mia", "member", "ada");
  const eve = await member(db, "eve");
  const asked = { sessionId, ...RAN };
  await expect(mia.by.mutation(api.directTools.begin, asked)).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await expect(eve.by.mutation(api.directTools.begin, asked)).rejects.toMatchObject({
    data: { code: "not_found" },
  });
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await expect(ada.by.mutation(api.directTools.begin, asked)).rejects.toMatchObject({
    data: { code: "session_stopped" },
  });
  // What has come of one that ran as the session ended.
  await ada.by.mutation(api.directTools.end, { sessionId, ...CAME });
});

test("a rule that denies a file to the agent denies it to a person's direct call as well", async () => {
  const { sessionId } = await readySession(db, ada);
  const use = async (action: "read" | "list" | "write", path: string) =>
    await ada.as.query(api.directTools.mayUseFile, { sessionId, action, path });
  for (const action of ["read", "list", "write"] as const) await use(action, "src/a.ts");
  const deny = async (pattern: string) =>
    await ada.as.mutation(api.approvalRules.create, {
      ...RULE,
      name: pattern,
      pattern,
      action: "auto_deny",
    });
  await deny("builtin:write_file:secrets/*");
  await deny("builtin:read_file:*.pem");
  const denied = { data: { kind: "rule_denies_file" } };
  await expect(use("write", "secrets/a")).rejects.toMatchObject(denied);
  await expect(use("write", "./src/../secrets/a")).rejects.toMatchObject(denied);
  await expect(use("read", "key.pem")).rejects.toMatchObject(denied);
  await use("read", "secrets/a");
  await use("write", "src/a.ts");
});

test("only who drives a session may use its files directly", async () => {
  const { sessionId } = await readySession(db, ada);
  const mia = await member(db, "mia", "member", "ada");
  const asked = { sessionId, action: "read" as const, path: "a" };
  await expect(mia.as.query(api.directTools.mayUseFile, asked)).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await expect(ada.as.query(api.directTools.mayUseFile, asked)).rejects.toMatchObject({
    data: { code: "session_stopped" },
  });
});
