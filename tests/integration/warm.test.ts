import { expect, test } from "vitest";
import { ledgerResponse, usageResponse } from "#contracts/billing.ts";
import { until } from "#tests/api.ts";
import { startStudio } from "#tests/studio.ts";

/** Room for two sandboxes, of which one may be warm. */
const { stack, api } = await startStudio(async (all) =>
  all.map((service) => ({
    ...service,
    env: {
      ...service.env,
      STUDIO_WARM_AGENTS: "1",
      STUDIO_MAX_SANDBOXES: "2",
      // A second of any size costs more than one micro-dollar.
      STUDIO_SANDBOX_VCPU_MICRO_USD: "1000.5",
      STUDIO_SANDBOX_GB_MICRO_USD: "4.5",
    },
  })),
);
const warm = async () => await until("an agent is warm", async () => (await stack.warm())[0], 90_000);

test("the status states the room, and the first session gets the agent that was warm, with all that is its own", async () => {
  const { body } = await api.call("GET", "/api/v1/status");
  expect(body).toMatchObject({ sandboxes: { max: 2, warm: 1 } });
  const waiting = await warm();
  // Of nobody's: no key, no token, no file.
  const before = await stack.runInSandbox(waiting, "env; ls -A /workspace");
  expect(before).not.toMatch(/_studio_|STRUERE/);
  expect(before.trimEnd().endsWith(".git")).toBe(true);

  const session = await api.createSession();
  expect(session).toMatchObject({ status: "ready", sandboxId: waiting });
  const log = await api.events(session.id);
  expect(log.filter(({ type }) => type === "network.applied").map(({ payload }) => payload.mode)).toEqual([
    "listed",
  ]);
  const runId = await api.send(
    session.id,
    ["```demo", 'run struere pull --force && echo "$STRUERE_CONVEX_URL"', "say done", "```"].join("\n"),
  );
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  expect(JSON.stringify(await api.events(session.id))).toMatch(/up to date.*convex\.internal/);
  // A terminal finds the project as well: its sandbox was started without anybody's environment.
  const opened = await api.call<{ id: string }>("POST", `/api/studio/sessions/${session.id}/terminals`, {
    cols: 80,
    rows: 24,
  });
  expect(opened.status).toBe(201);
  const environs = await stack.runInSandbox(
    waiting,
    "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c ^STRUERE_API_KEY=; true",
  );
  expect(Number(environs)).toBeGreaterThan(0);
  await api.stop(session.id);
}, 240_000);

test("where the warm one has died the session is made anew, and who finds no room waits with a place", async () => {
  const dead = await warm();
  await stack.killSandbox(dead);
  const first = await api.createSession();
  expect(first.status).toBe("ready");
  expect(first.sandboxId).not.toBe(dead);

  const second = await api.createSession(false);
  await until("it has room", async () => (await api.session(second.id)).sandboxId !== null);
  const third = await api.createSession(false);
  const seen = await until("it waits", async () => {
    const now = await api.session(third.id);
    return now.waitingFor === "capacity" && now;
  });
  expect(seen).toMatchObject({ status: "provisioning", queuePlace: 1, sandboxId: null });
  // While somebody waits, none is kept warm: one that was being started gives way.
  await until("there are two alone", async () => (await stack.sandboxes()).length === 2);
  await api.stop(second.id);
  const made = await until("it has room", async () => {
    const now = await api.session(third.id);
    return now.waitingFor !== "capacity" && now;
  });
  expect(made).toMatchObject({ status: "provisioning", queuePlace: null });
  for (const { id } of [first, third]) await api.stop(id);
}, 240_000);

test("SPEC: a session's sandbox is on the bill once it has ended, with its time and size", async () => {
  const session = await api.createSession();
  const begun = Date.now();
  await api.finish(await api.send(session.id, "list files"));
  await api.stop(session.id);
  const ofSession = async () =>
    usageResponse
      .parse((await api.call("GET", "/api/v1/usage?by=session")).body)
      .parts?.find(({ id }) => id === session.id);
  const part = await until("its time is counted", async () => {
    const found = await ofSession();
    return found && found.sandbox_seconds > 0 ? found : undefined;
  });
  expect(part.sandbox_seconds).toBeLessThanOrEqual((Date.now() - begun) / 1_000 + 60);
  const { entries } = ledgerResponse.parse(
    (await api.call("GET", "/api/v1/credits/ledger?kind=sandbox")).body,
  );
  const own = entries.filter(({ session_id: id }) => id === session.id);
  expect(own).toHaveLength(1);
  expect(own[0]?.description).toMatch(/^[\d.]+ vCPU, [\d.]+ GB$/);
  expect(own[0]?.delta_micro_usd).toBeLessThanOrEqual(-part.sandbox_seconds);
  const { month } = usageResponse.parse((await api.call("GET", "/api/v1/usage")).body);
  expect(month.sandbox_seconds).toBeGreaterThanOrEqual(part.sandbox_seconds);
  expect(month.forecast_micro_usd).toBeNull();
}, 240_000);
