import { expect, test } from "vitest";
import { projectAgentOf, projectValues, toolKind, unfilled } from "#domain/project-agent.ts";
import { filledPrompt } from "#domain/prompt-variables.ts";

const DEFINITION = {
  name: "Support",
  slug: "support",
  version: "1.0.0",
  systemPrompt:
    "You are {{agentName}} for {{threadContext.params.plan}}. {{entityTypes}} {{entity.query({})}} {{odd}}",
  model: { model: "anthropic/claude-sonnet-4-6", temperature: 9 },
  tools: ["entity.query", "web.search", "refund", 7],
  firstMessageSuggestions: ["Where is my order?"],
  threadContextParams: [{ name: "plan", type: "string", required: true, description: "Which plan" }, "no"],
};
const agent = projectAgentOf(JSON.stringify(DEFINITION))!;
const talk = {
  organizationName: "Acme",
  organizationId: "o1",
  userId: "u1",
  message: "hi",
  entityTypes: ["order"],
  roles: [],
  params: { plan: "gold {{agentName}}" },
  now: 0,
};

test("a definition is read as the project's runtime reads it", () => {
  expect(agent).toMatchObject({
    provider: "anthropic",
    model: "claude-sonnet-4-6",
    temperature: 2,
    maxTokens: 4096,
    tools: ["entity.query", "web.search", "refund"],
    suggestions: ["Where is my order?"],
    params: [{ name: "plan", required: true }],
  });
  expect(projectAgentOf(JSON.stringify({ slug: "bare" }))).toMatchObject({
    name: "bare",
    provider: "openai",
    model: "gpt-5-mini",
    temperature: 0.7,
  });
});

test.each(["", "null", "[]", "{}", '{"slug":5}', "{"])("%j is no definition", (text) => {
  expect(projectAgentOf(text)).toBeNull();
});

test("its prompt is filled in, and what stays as it is is named", () => {
  const values = projectValues(agent, talk);
  expect(filledPrompt(agent.prompt, values)).toBe(
    'You are Support for gold {{agentName}}. ["order"] {{entity.query({})}} {{odd}}',
  );
  expect(unfilled(agent, values)).toEqual({ names: ["odd"], calls: ["entity.query"] });
});

test("tools are told apart by their names", () => {
  expect(["entity.query", "web.search", "email.send", "refund", "constructor.x"].map(toolKind)).toEqual([
    "data",
    "web",
    "service",
    "custom",
    "custom",
  ]);
});
