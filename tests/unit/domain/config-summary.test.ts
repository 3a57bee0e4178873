import { expect, test } from "vitest";
import type { PinnedAgent } from "#domain/agent.ts";
import { configSummary } from "#domain/config-summary.ts";
import { approvalId, approvalOf } from "#domain/run-events.ts";
import { AGENT } from "../../convex/things.ts";

/** As it is where nobody has set it. */
const DEADLINE = { minutes: 10, action: "auto", isSet: false } as const;
const SESSION = {
  provider: "demo",
  model: "demo",
  keySource: "platform",
  budgetCapMicroUsd: null,
  idleTimeoutMs: 900_000,
  autoApprove: false,
} as const;
const PINNED: PinnedAgent = {
  agentId: "a1",
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  ...AGENT,
  systemPrompt: "",
  temperature: 0.2,
  maxTokens: 100,
  toolsMode: "sandboxed",
};

/** The path of each value. */
const paths = (value: object, at = ""): string[] =>
  Object.entries(value).flatMap(([name, field]) =>
    typeof field === "object" && field !== null ? paths(field, `${at}${name}.`) : [`${at}${name}`],
  );

test("each value has its source, and no source is of another", () => {
  for (const agent of [null, PINNED]) {
    const { models, llm, limits, safety, sources } = configSummary(SESSION, agent, DEADLINE);
    expect(Object.keys(sources).toSorted()).toEqual(paths({ models, llm, limits, safety }).toSorted());
  }
});

test("without an agent, what was chosen for the session is told from the defaults", () => {
  const chosen = { ...SESSION, budgetCapMicroUsd: 2_500_000, idleTimeoutMs: 60_000, autoApprove: true };
  expect(configSummary(chosen, null, DEADLINE)).toMatchObject({
    profile_id: null,
    models: { planner: "demo/demo" },
    limits: { budget_cap_usd: 2.5 },
    config_overlays: [],
    sources: {
      "models.planner": "session",
      "limits.budget_cap_usd": "session",
      "limits.idle_timeout_ms": "organization",
      "safety.auto_approve": "session",
      "llm.temperature": "default",
    },
  });
  expect(configSummary(SESSION, null, DEADLINE).sources).toMatchObject({
    "limits.budget_cap_usd": "default",
    "limits.idle_timeout_ms": "default",
    "safety.auto_approve": "default",
  });
});

test("an agent's values are an overlay", () => {
  expect(configSummary(SESSION, PINNED, DEADLINE)).toMatchObject({
    profile_id: "a1",
    llm: { temperature: 0.2, max_tokens: 100 },
    safety: { tools_mode: "sandboxed" },
    config_overlays: ["agent:a1"],
    sources: { "models.planner": "agent:a1", "llm.temperature": "agent:a1", "safety.tools_mode": "agent:a1" },
  });
  expect(configSummary({ ...SESSION, model: "other" }, PINNED, DEADLINE).sources["models.executor"]).toBe(
    "session",
  );
  expect(
    configSummary({ ...SESSION, autoApprove: true }, PINNED, DEADLINE).sources["safety.auto_approve"],
  ).toBe("session");
});

test("an approval's name across runs leads back to it", () => {
  expect(approvalOf(approvalId("run1", "key:with:colons"))).toEqual({
    runId: "run1",
    key: "key:with:colons",
  });
  for (const none of ["", "x", ":k", "r:"]) expect(approvalOf(none)).toBeNull();
});
