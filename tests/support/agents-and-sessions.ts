import { expect } from "vitest";
import type { Api } from "./api.ts";
import type { checkedCalls } from "./checked-calls.ts";
import { projectOf } from "./project-routes.ts";

/**
 * Agents, and sessions by `/api/v1`, each route with success.
 * @param id of a session that was stopped; it is deleted
 */
export async function agentsAndSessions(
  api: Api,
  succeed: ReturnType<typeof checkedCalls>["succeed"],
  id: string,
): Promise<void> {
  const params = { id };
  await projectOf(succeed);
  const agent = await succeed("POST /api/v1/agents", {
    body: {
      name: "Reviewer",
      provider: "demo",
      model: "demo",
      approval_rules: [
        { tool_pattern: "builtin:shell:rm *", action: "auto_deny", name: "No rm" },
        { tool_pattern: "builtin:shell:ls *", action: "auto_approve", priority: 5 },
      ],
    },
  });
  expect(agent.approval_rules).toMatchObject([
    { name: "ls *", tool_pattern: "builtin:shell:ls *", action: "auto_approve", priority: 5, enabled: true },
    { name: "No rm", tool_pattern: "builtin:shell:rm *", action: "auto_deny", priority: 0, enabled: true },
  ]);
  const agentParams = { params: { id: agent.id } };
  expect(agent).toMatchObject({ temperature: 0.7, max_tokens: 4096, tools_mode: "restricted" });
  await succeed("PATCH /api/v1/agents/{id}", {
    ...agentParams,
    body: { temperature: 0.1, approval_rules: [] },
  });
  expect(await succeed("GET /api/v1/agents/{id}", agentParams)).toMatchObject({
    temperature: 0.1,
    approval_rules: [],
  });
  const { versions } = await succeed("GET /api/v1/agents/{id}/versions", agentParams);
  expect(versions).toMatchObject([
    { version: 2, changes: [{ field: "temperature", before: 0.7, after: 0.1 }] },
    { version: 1, changes: null },
  ]);
  const first = { params: { id: agent.id, version: "1" } };
  expect((await succeed("GET /api/v1/agents/{id}/versions/{version}", first)).agent.temperature).toBe(0.7);
  const back = await succeed("POST /api/v1/agents/{id}/versions/{version}/restore", first);
  expect(back).toMatchObject({ version: 3, temperature: 0.7 });
  await succeed("POST /api/v1/agents/{id}/versions/{version}/restore", {
    params: { id: agent.id, version: "2" },
  });
  expect((await succeed("GET /api/v1/agents/{id}/usage", agentParams)).days).toEqual([]);
  const file = await succeed("GET /api/v1/agents/{id}/export", agentParams);
  const copy = await succeed("POST /api/v1/agents/{id}/duplicate", agentParams);
  expect(copy.name).toBe("Copy of Reviewer");
  const taken = await succeed("POST /api/v1/agents/import", {
    body: { ...file, agent: { ...file.agent, skills: ["no-such-skill"] } },
  });
  expect(taken.missing).toEqual([{ field: "skills", name: "no-such-skill" }]);
  for (const { id: other } of [copy, taken.agent])
    await succeed("DELETE /api/v1/agents/{id}", { params: { id: other } });
  expect((await succeed("GET /api/v1/agents")).agents.map(({ id }) => id)).toEqual([agent.id]);
  const made = await succeed("POST /api/v1/sessions", { body: { title: "demo", agent_id: agent.id } });
  expect(await api.session(made.session_id)).toMatchObject({
    title: "demo",
    provider: "demo",
    agentName: "Reviewer",
  });
  const provenance = await succeed("GET /api/v1/sessions/{id}/provenance", {
    params: { id: made.session_id },
  });
  expect(provenance).toMatchObject({ model: { id: "demo" }, agent: { id: agent.id, changes: [] } });
  expect(provenance.pinned_at).not.toBeNull();
  const repeated = { params: { id: made.session_id } };
  const { gaps } = await succeed("GET /api/v1/sessions/{id}/repeat", repeated);
  const repeat = await succeed("POST /api/v1/sessions/{id}/repeat", {
    ...repeated,
    body: { accept: gaps.map((gap) => gap.id) },
  });
  expect(repeat.run_id).toBeNull();
  await succeed("DELETE /api/studio/sessions/{id}", { params: { id: repeat.session_id } });
  await rulesOf(succeed, agent.id);
  await succeed("DELETE /api/v1/agents/{id}", agentParams);
  const own = { params: { id: made.session_id } };
  await skillsOf(succeed, made.session_id);
  const listed = await succeed("GET /api/v1/sessions", {
    query: { agent_id: agent.id, limit: 1, offset: 1 },
  });
  expect(listed.sessions.map((one) => one.id)).toEqual([made.session_id]);
  expect((await succeed("GET /api/v1/sessions", { query: { offset: 2 } })).sessions[0]).toMatchObject({
    id,
    status: "stopped",
  });
  expect((await succeed("GET /api/v1/sessions/{id}", own)).agent).toMatchObject({ temperature: 0.1 });
  const detail = await succeed("GET /api/v1/sessions/{id}", { params });
  expect(detail.messages.map(({ role }) => role)).toEqual(expect.arrayContaining(["user", "assistant"]));
  expect(detail.message_count).toBe(detail.messages.length);
  expect(detail.agent).toBeNull();
  const config = await succeed("GET /api/v1/sessions/{id}/config", { params });
  expect(config.sources["limits.idle_timeout_ms"]).toMatch(/^(?:default|organization)$/);
  const stats = await succeed("GET /api/v1/sessions/{id}/stats", { params });
  expect(stats).toMatchObject({
    total_cost_usd: detail.total_cost_usd,
    model: "demo",
  });
  expect(stats.llm_call_count).toBeGreaterThan(1);
  const exported = await succeed("GET /api/v1/sessions/{id}/export", { params });
  expect(exported).toMatchObject({ session: { id }, agent: null, stats });
  const approved = exported.events.filter(({ type }) => type === "tool.approved").length;
  expect(approved).toBeGreaterThan(0);
  expect(stats.tool_approved_count).toBe(approved);
  expect(exported.events.map(({ seq }) => seq)).toEqual(exported.events.map((_, index) => index + 1));
  const mask = ["headless", exported.session.title];
  const reviewed = await succeed("POST /api/v1/sessions/{id}/export/review", { params, body: { mask } });
  expect(reviewed.events).toBe(exported.events.length);
  expect(reviewed.masked.find(({ text }) => text === mask[1])!.count).toBeGreaterThan(0);
  const hidden = await succeed("POST /api/v1/sessions/{id}/export", { params, body: { mask } });
  expect(JSON.stringify(hidden)).not.toContain(mask[1]);
  expect(hidden.events).toHaveLength(exported.events.length);
  expect(stats.tool_call_count).toBeGreaterThan(0);
  expect((await succeed("GET /api/v1/sessions/{id}/sandbox", { params })).running).toBe(false);
  await succeed("POST /api/v1/sessions/{id}/sandbox/start", own);
  await succeed("POST /api/v1/sessions/{id}/sandbox/stop", own);
  const body = { input: "```demo\nrun ls\nsay headless\n```", provider: "demo", model: "demo" };
  const headless = await succeed("POST /api/v1/runs", { body });
  const { approval_key } = await api.question(headless.run_id);
  const { approvals } = await succeed("GET /api/v1/approvals", {
    query: { environment: "development", kind: "run", order: "oldest", session_id: headless.session_id },
  });
  const asked = approvals.find((one) => one.approval_key === approval_key);
  expect(asked).toMatchObject({ run_id: headless.run_id, tool_name: "bash", tool_input: { command: "ls" } });
  await succeed("POST /api/v1/approvals/{id}", {
    params: { id: asked!.id },
    body: { approve: false, reason: "Not now." },
  });
  const { approvals: denied } = await succeed("GET /api/v1/approvals", { query: { status: "denied" } });
  expect(denied.find(({ id }) => id === asked!.id)).toMatchObject({ reason: "person", kinds: ["run"] });
  await api.finish(headless.run_id);
  const rerun = await succeed("POST /api/v1/runs/{run_id}/rerun", { params: { run_id: headless.run_id } });
  expect(rerun).toMatchObject({ session_id: headless.session_id, input: body.input });
  await succeed("DELETE /api/v1/sessions/{id}", { params: { id: headless.session_id } });

  const gone = await succeed("DELETE /api/v1/sessions/{id}", { params });
  expect(gone.deleted.events).toBeGreaterThan(50);
  expect(gone.deleted.checkpoints).toBeGreaterThan(0);
  expect((await api.call("GET", `/api/studio/sessions/${id}`)).status).toBe(404);
  await succeed("DELETE /api/v1/sessions/{id}", own);
}

const ROOT = "/workspace/.skills_runtime_sdk/skills";

/** Skills, each route with success. */
async function skillsOf(
  succeed: ReturnType<typeof checkedCalls>["succeed"],
  sessionId: string,
): Promise<void> {
  const own = { params: { id: sessionId } };
  const text = { description: "Use when writing.", body_markdown: "# One" };
  const skill = await succeed("POST /api/v1/skills", { body: { name: "writer", ...text } });
  expect(skill).toMatchObject({ root: ROOT, path: `${ROOT}/writer/SKILL.md`, revision: 1, enabled: true });
  const params = { id: skill.id };
  await succeed("PATCH /api/v1/skills/{id}", {
    params,
    body: { body_markdown: "# Two", expected_revision: 1 },
  });
  expect(await succeed("GET /api/v1/skills/{id}", { params })).toMatchObject({
    revision: 2,
    body_markdown: "# Two",
  });
  const first = await succeed("GET /api/v1/skills/{id}", { params, query: { revision: 1 } });
  expect(first).toMatchObject({ revision: 1, body_markdown: "# One" });
  const { revisions } = await succeed("GET /api/v1/skills/{id}/revisions", { params });
  expect(revisions.map(({ revision }) => revision)).toEqual([2, 1]);
  const created = await succeed("POST /api/v1/sessions/{id}/skills", {
    ...own,
    body: { name: "painter", ...text, dependencies: { env_vars: ["BRUSH"] } },
  });
  expect(created).toMatchObject({ filesystem_source: ROOT, skill_dir: `${ROOT}/painter` });
  await succeed("PATCH /api/v1/skills/{id}", { params, body: { enabled: false } });
  const found = await succeed("GET /api/v1/sessions/{id}/skills", own);
  expect(found).toMatchObject({ roots: [ROOT], disabled_paths: [`${ROOT}/writer/SKILL.md`] });
  expect(found.skills.map(({ name, enabled }) => [name, enabled])).toEqual([
    ["painter", true],
    ["writer", false],
  ]);
  const none = await succeed("PUT /api/v1/sessions/{id}/skills/roots", { ...own, body: { roots: [] } });
  expect(none.roots).toEqual([]);
  const body = { filesystem_sources: [ROOT] };
  expect((await succeed("PUT /api/v1/sessions/{id}/skills/sources", { ...own, body })).roots).toEqual([ROOT]);
  expect((await succeed("GET /api/v1/skills")).skills).toHaveLength(2);
  expect((await succeed("GET /api/v1/skill-offers")).offers).toEqual([]);
  await succeed("DELETE /api/v1/skills/{id}", { params });
  const files = ["imported", "painter"].map((name) => ({
    path: `all/${name}/SKILL.md`,
    content: `---\nname: ${name}\ndescription: Use it.\n---\nText.\n`,
  }));
  const taken = await succeed("POST /api/v1/skills/import", { body: { files } });
  expect(taken).toMatchObject({ created: [{ name: "imported" }], skipped: [{ path: files[1]!.path }] });
  const again = await succeed("POST /api/v1/skills/import", { body: { files, replace: true } });
  expect(again.updated.map(({ name }) => name)).toEqual(["imported", "painter"]);
}

/** Approval rules, each route with success; the proposals stand in every-response.test.ts. */
async function rulesOf(succeed: ReturnType<typeof checkedCalls>["succeed"], agentId: string): Promise<void> {
  const tool_pattern = "builtin:shell:npm test *";
  const made = await succeed("POST /api/v1/approval-rules", {
    body: { name: "Tests", tool_pattern, action: "auto_approve", scope: "agent", agent_id: agentId },
  });
  const params = { id: made.id };
  expect(made).toMatchObject({ scope: "agent", agent_id: agentId, priority: 0, enabled: true });
  const changed = await succeed("PATCH /api/v1/approval-rules/{id}", { params, body: { priority: 3 } });
  expect(changed.priority).toBe(3);
  await succeed("POST /api/v1/approval-rules/{id}/move", { params, body: { before: null } });
  expect((await succeed("GET /api/v1/approval-rules")).rules.map(({ id }) => id)).toEqual([made.id]);
  const rules = [{ tool_pattern, action: "auto_approve" as const }];
  const tested = await succeed("POST /api/v1/approval-rules/test", {
    body: { request: { command: "npm test a.ts" }, rules },
  });
  expect(tested).toMatchObject({
    action: "auto_approve",
    proposals: [tool_pattern, `builtin:shell:npm test a.ts`],
  });
  const found = await succeed("POST /api/v1/approval-rules/simulate", { body: { rules } });
  expect(found.matches).toEqual([]);
  await succeed("DELETE /api/v1/approval-rules/{id}", { params });
}

/** Approves what a run asks by a rule that its card could offer. */
export async function approveByRule(
  succeed: ReturnType<typeof checkedCalls>["succeed"],
  run_id: string,
  approval_key: string,
): Promise<void> {
  const params = { run_id, approval_key };
  const path = "GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals";
  const { proposals } = await succeed(path, { params });
  const tool_pattern = proposals[0]?.pattern ?? "";
  await succeed("POST /api/v1/runs/{run_id}/approvals/{approval_key}", {
    params,
    body: { decision: "approved", rule: { tool_pattern, scope: "session" } },
  });
}
