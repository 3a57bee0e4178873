import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { PROVISION_STEPS } from "#domain/lifecycle.ts";
import { EXAMPLES } from "#contracts/openapi/examples.ts";
import { Studio } from "#sdk/studio.ts";
import { until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { startStudio } from "#tests/studio.ts";

const { stack, api } = await startStudio();

const agents = () => descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp");

describe("a session, by the API alone", () => {
  test("the story by curl: create, ask, approve, read, stop", async () => {
    const script = path.resolve(import.meta.dirname, "../story.sh");
    const { stdout } = await promisify(execFile)("bash", [script], {
      timeout: 110_000,
      env: { ...process.env, STUDIO_URL: stack.url, STUDIO_API_KEY: stack.credentials.apiKey },
    });
    expect(stdout.trim().split("\n").at(-1)).toBe("The story is told.");
    expect(agents()).toEqual([]);
  });

  test("the guide's chapter 7.5 by curl", async () => {
    const script = path.resolve(import.meta.dirname, "../chapter-7-5.sh");
    const { stdout } = await promisify(execFile)("bash", [script], {
      timeout: 110_000,
      env: { ...process.env, STUDIO_URL: stack.url, STUDIO_API_KEY: stack.credentials.apiKey },
    });
    expect(stdout.trim().split("\n").at(-1)).toBe("The chapter is done.");
  });

  test("a skill's file is in the workspace, and what the agent makes of it is offered, not taken", async () => {
    const made = await api.call<{ id: string; path: string }>("POST", "/api/v1/skills", {
      name: "house-style",
      description: "Use when writing.",
      body_markdown: "Write short sentences.",
    });
    const { id, path: file } = made.body;
    const session = await api.createSession();
    const text = "---\nname: house-style\ndescription: Use when writing.\n---\nWrite long sentences.";
    const place = file.replace("/workspace/", "");
    const own = text.replace("house-style", "own-style");
    const script = `\`\`\`demo\nrun cat ${file}\nwrite ${place} <<EOF\n${text}\nEOF\nwrite ${place.replace("house", "own")} <<EOF\n${own}\nEOF\nsay done\n\`\`\``;
    await api.finish(await api.send(session.id, script));
    const events = await api.events(session.id);
    const shown = events.find((event) => event.type === "tool.completed")?.payload.output;
    expect(shown).toContain("Write short sentences.");
    const offeredAs = async (name: string) =>
      await until(`${name} to be offered`, async () => {
        const { body } = await api.call<{
          offers: {
            id: string;
            skill_id: string | null;
            name: string;
            session_id: string;
            body_markdown: string;
          }[];
        }>("GET", "/api/v1/skill-offers");
        return body.offers.find((offer) => offer.session_id === session.id && offer.name === name);
      });
    const offered = await offeredAs("house-style");
    const created = await offeredAs("own-style");
    expect(created).toMatchObject({ skill_id: null, body_markdown: "Write long sentences.\n" });
    expect(offered).toMatchObject({ body_markdown: "Write long sentences.\n" });
    const skill = async () =>
      (await api.call<{ body_markdown: string; revision: number }>("GET", `/api/v1/skills/${id}`)).body;
    expect(await skill()).toMatchObject({ body_markdown: "Write short sentences.", revision: 1 });
    expect((await api.call("POST", `/api/v1/skill-offers/${offered.id}/take`)).status).toBe(200);
    expect(await skill()).toMatchObject({ body_markdown: "Write long sentences.\n", revision: 2 });
    expect((await api.events(session.id)).filter(({ type }) => type === "skill.offered")).toHaveLength(2);
    expect((await api.call("POST", `/api/v1/skill-offers/${created.id}/take`)).status).toBe(200);
    const { skills } = (await api.call<{ skills: { id: string; name: string }[] }>("GET", "/api/v1/skills"))
      .body;
    const ownSkill = skills.find(({ name }) => name === "own-style");
    expect(ownSkill).toBeDefined();
    await api.call("DELETE", `/api/v1/skills/${ownSkill?.id}`);
    await api.stop(session.id);
    await api.call("DELETE", `/api/v1/skills/${id}`);
  });

  test("the log has no gap, and counts what the model said it used", async () => {
    const session = await api.createSession();
    const run = await api.finish(
      await api.send(session.id, "create a file a.txt containing one\nand run `cat a.txt`"),
    );
    expect(run).toMatchObject({ status: "completed", error: null });
    const events = await api.events(session.id);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    const usage = events.filter((event) => event.type === "usage.recorded").map((event) => event.payload);
    const sum = (field: string) => usage.reduce((total, payload) => total + Number(payload[field]), 0);
    const after = await api.session(session.id);
    expect(usage.length).toBeGreaterThan(1);
    expect(after.totalInputTokens).toBe(sum("input_tokens"));
    expect(after.totalOutputTokens).toBe(sum("output_tokens"));
    expect(after.totalCostMicroUsd).toBe(sum("cost_micro_usd"));
    expect(after.title).toBe("create a file a.txt containing one");
    expect(await api.stop(session.id)).toBe(204);
  });

  test("steps of the creation are events with durations, the project's four kinds pulled", async () => {
    const session = await api.createSession();
    const steps = (await api.events(session.id)).filter((event) => event.type === "provision.step");
    const completed = steps.filter((event) => event.payload.status === "completed");
    expect(new Set(completed.map((event) => event.payload.step))).toEqual(
      new Set<string>(PROVISION_STEPS.filter((step) => !step.optional).map((step) => step.id)),
    );
    for (const event of completed) expect(event.payload.duration_ms).toBeTypeOf("number");
    const run = await api.finish(
      await api.send(
        session.id,
        'Title it "The four kinds"\n\n```demo\nrun ls -1 agents entity-types roles triggers\n```',
      ),
    );
    expect(run.status).toBe("completed");
    const output = (await api.events(session.id)).find((event) => event.type === "tool.completed")?.payload
      .output;
    for (const name of ["support-agent.ts", "ticket.ts", "agent.ts", "ticket-opened.ts"])
      expect(output).toContain(name);
    // PAGE-22: the agent's own title for it, which is better than the beginning of the message.
    await until("the agent's title", async () => (await api.session(session.id)).title === "The four kinds");
    await api.stop(session.id);
  });

  /** The named events of a stream's text. */
  const named = (text: string) =>
    text.split("\n\n").flatMap((block) => {
      const name = /^event: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      return name === undefined || data === undefined
        ? []
        : [{ name, id: /^id: (.+)$/m.exec(block)?.[1], data: JSON.parse(data) as Record<string, unknown> }];
    });

  test("a run's own stream, and the organization's: whole, replayed from any place, and ended", async () => {
    const all = await api.open("/api/v1/events/stream");
    const reader = all.body!.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const listening = (async () => {
      while (!heard.includes("Stopped by the test")) {
        const { done, value } = await reader.read();
        if (done) return;
        heard += value;
      }
    })();
    const session = await api.createSession();
    const runId = await api.send(session.id, "create a file s.txt containing streamed");
    await api.decide(runId, (await api.question(runId)).approval_key, "approved_for_session");
    const text = await (await api.open(`/api/v1/runs/${runId}/events/stream`)).text();
    const events = named(text);
    const names = events.map(({ name }) => name);
    expect(names[0]).toBe("run_started");
    expect(names.slice(-2)).toEqual(["run_completed", "end"]);
    for (const name of [
      "tool_call_requested",
      "approval_requested",
      "approval_decided",
      "tool_call_finished",
      "llm_response_delta",
      "llm_usage",
    ])
      expect(names).toContain(name);
    // BUG-21: what needs a decision is told as running after it.
    const steps = ["approval_requested", "approval_decided", "tool_call_started", "tool_call_finished"];
    expect(names.filter((name) => steps.includes(name))).toEqual(steps);
    expect(events.find(({ name }) => name === "approval_decided")?.data).toMatchObject({
      run_id: runId,
      payload: { decision: "approved_for_session", reason: "provider" },
    });
    const middle = events[3]?.id ?? "";
    const rest = named(await (await api.open(`/api/v1/runs/${runId}/events/stream?after=${middle}`)).text());
    expect(rest).toEqual(events.slice(4));

    await api.call("PATCH", `/api/studio/sessions/${session.id}`, { title: "Stopped by the test" });
    await listening;
    await reader.cancel();
    const ofSession = named(heard).filter(({ data }) => data.session_id === session.id);
    const log = await api.events(session.id);
    const whole = ofSession.filter(({ name }) => name === "agent_event");
    const seqs = whole.map(({ data }) => Number(data.seq));
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(log.length - seqs.length).toBeLessThan(5);
    const channels = new Set(ofSession.map(({ name }) => name));
    expect([...channels].toSorted()).toEqual([
      "agent_event",
      "sidecar_status_changed",
      "tool_approval_requested",
    ]);
    await api.stop(session.id);
  });

  test("a subagent asks like any other: its command is allowed by a person, and the run goes on", async () => {
    const session = await api.idleSession();
    const runId = await api.send(
      session.id,
      "```demo\nthink about it\ntodo look; write\ntask run `echo by-a-subagent > sub.txt`\nsay all said\n```",
    );
    const question = await api.question(runId);
    expect(question).toMatchObject({
      tool: "bash",
      summary: expect.stringMatching(/subagent.*echo by-a-subagent/),
    });
    expect((await api.session(session.id)).waitingFor).toBe("approval");
    await expect(stack.readSandboxFile(session.sandboxId ?? "", "/workspace/sub.txt")).rejects.toThrow();
    await api.decide(runId, question.approval_key, "approved");
    const run = await api.finish(runId);
    expect(run).toMatchObject({ status: "completed", output: expect.stringContaining("all said") });
    expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/sub.txt")).toBe(
      "by-a-subagent\n",
    );
    const events = await api.eventsOf(session.id, runId);
    const types = events.map(({ type }) => type);
    expect(types).toContain("llm.thinking.chunk");
    expect(events.find(({ type }) => type === "plan.updated")?.payload.entries).toMatchObject([
      { content: "look" },
      { content: "write" },
    ]);
    expect(types.filter((type) => type === "approval.requested")).toHaveLength(1);

    const denied = await api.send(session.id, "```demo\ntask run `echo no > no.txt`\nsay still here\n```");
    await api.decide(denied, (await api.question(denied)).approval_key, "denied");
    expect(await api.finish(denied)).toMatchObject({ status: "completed" });
    await expect(stack.readSandboxFile(session.sandboxId ?? "", "/workspace/no.txt")).rejects.toThrow();
  });

  test("long texts are kept whole beside the log, which has their beginnings", async () => {
    const session = await api.idleSession();
    const content = Array.from({ length: 2_000 }, (_, n) => `line ${n} of a long file`).join("\n");
    const runId = await api.send(session.id, `\`\`\`demo\nwrite long.txt <<EOF\n${content}\nEOF\n\`\`\``);
    expect((await api.finish(runId)).status).toBe("completed");
    const events = await api.eventsOf(session.id, runId);
    for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(100_000);
    const done = events.find((event) => event.type === "tool.completed");
    const diff = done?.payload.diff as { truncated: boolean; artifact_id: string };
    expect(diff).toMatchObject({ truncated: true, artifact_id: expect.any(String) });
    const path = `/api/v1/sessions/${session.id}/artifacts/${diff.artifact_id}`;
    const kept = await api.call<{ artifact: { kind: string; text: string } }>("GET", path);
    expect(kept.body.artifact.kind).toBe("diff");
    expect((JSON.parse(kept.body.artifact.text) as { new_text: string }).new_text).toBe(`${content}\n`);
  });

  test("a denied call is not made, and the agent goes on: by the client of the API", async () => {
    const session = await api.idleSession();
    const studio = new Studio({ url: stack.url, apiKey: stack.credentials.apiKey });
    const { runId } = await studio.call("POST /api/studio/sessions/{id}/message", {
      params: { id: session.id },
      body: { message: "```demo\nwrite no.txt <<EOF\nno\nEOF\nsay still here\n```" },
    });
    const types: string[] = [];
    for await (const { type, run_id: of, payload } of studio.events(session.id)) {
      if (of !== runId) continue;
      types.push(type);
      if (type === "approval.requested") {
        const decide = async (decision: "denied" | "approved") =>
          await studio.call("POST /api/v1/runs/{run_id}/approvals/{approval_key}", {
            params: { run_id: runId, approval_key: String(payload["approval_key"]) },
            body: { decision },
          });
        await decide("denied");
        await expect(decide("approved")).rejects.toMatchObject({ status: 409, code: "already_decided" });
      }
      if (type === "run.completed") break;
    }
    expect(types.slice(0, 2)).toEqual(["message.user", "run.started"]);
    const { run } = await studio.call("GET /api/v1/runs/{run_id}", { params: { run_id: runId } });
    expect(run).toMatchObject({ status: "completed", output: expect.stringContaining("refused") });
    const lookId = await api.send(session.id, "run `ls no.txt`");
    expect((await api.finish(lookId)).status).toBe("completed");
    const outputs = (await api.eventsOf(session.id, lookId)).filter(
      (event) => event.type === "tool.completed",
    );
    expect(JSON.stringify(outputs)).toMatch(/No such file|cannot access/);
  });

  test("the reference's examples run, with the client's package alone", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-sdk-"));
    try {
      const root = path.resolve(import.meta.dirname, "../..");
      const installed = path.join(folder, "node_modules/@studio/sdk");
      fs.cpSync(path.join(root, "lib/sdk/package.json"), path.join(installed, "package.json"));
      // As `npm pack` has it made.
      const build = ["tsc", "-p", "lib/sdk", "--outDir", path.join(installed, "dist")];
      await promisify(execFile)("npx", build, { cwd: root });
      fs.writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
      const env = { ...process.env, STUDIO_URL: stack.url, STUDIO_API_KEY: stack.credentials.apiKey };
      const outputOf = async (id: string, more: object) => {
        const file = path.join(folder, `${id}.ts`);
        fs.writeFileSync(file, EXAMPLES.find((one) => one.id === id)?.code ?? "throw new Error('none')");
        const options = { cwd: folder, timeout: 90_000, env: { ...env, ...more } };
        return (await promisify(execFile)(process.execPath, [file], options)).stdout;
      };
      const PROMPT = "```demo\nrun cat none.txt\nrun npm test\nsay over\n```";
      const run = await outputOf("example-run", { JOB: `job-${Date.now()}`, PROMPT });
      expect(run).toContain("approved: Run npm test (The rule “npm test *”)");
      expect(run).toContain("approved: Run cat none.txt (The rule “cat *”)");
      expect(run).toContain("\ncompleted ");
      const followed = await outputOf("example-follow", {
        PROMPT: "```demo\nrun rm -r build\nsay over\n```",
      });
      expect(followed.trim().split("\n").at(-1)).toBe("run.completed");
      const { body } = await api.call<{ sessions: { id: string }[] }>("GET", "/api/v1/sessions?limit=1");
      await api.stop(body.sessions[0]!.id);
      expect(EXAMPLES.map(({ id }) => id)).toEqual(["example-run", "example-follow"]);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  test("messages wait for their turn, and a session stopped in mid-run ends them", async () => {
    const others = agents();
    const session = await api.createSession(false);
    const first = await api.send(session.id, "run `sleep 30`");
    const second = await api.send(session.id, "list files");
    expect((await api.run(second)).status).toBe("pending");
    await api.question(first);
    expect(await api.stop(session.id)).toBe(204);
    expect(await api.stop(session.id)).toBe(204);
    expect((await api.run(first)).status).toBe("cancelled");
    expect((await api.run(second)).status).toBe("cancelled");
    expect(agents()).toEqual(others);
  });

  test("BUG-22: a running command is stopped by cancel, and the message that waited behind it has its turn", async () => {
    const session = await api.idleSession();
    const runId = await api.send(session.id, "run `sleep 45`");
    const { approval_key } = await api.question(runId);
    await api.decide(runId, approval_key, "approved");
    await until(
      "the command",
      async () => descendantsWith(stack.pids().sandboxes ?? 0, "sleep 45").length > 0,
    );
    const waiting = await api.send(session.id, "list files");
    expect((await api.run(waiting)).status).toBe("pending");
    expect((await api.call("POST", `/api/studio/sessions/${session.id}/cancel`)).status).toBe(202);
    const run = await until("the end of the run", async () => {
      const now = await api.run(runId);
      return now.status === "running" ? null : now;
    });
    expect(run.status).toBe("cancelled");
    await until(
      "the command's end",
      async () => descendantsWith(stack.pids().sandboxes ?? 0, "sleep 45").length === 0,
    );
    expect((await api.finish(waiting)).status).toBe("completed");
  });
});
