import { describe, expect, test } from "vitest";
import {
  MAX_CALLS,
  MAX_PART_BYTES,
  promptCalls,
  promptFaults,
  promptParts,
  renderPrompt,
  type ToolResult,
} from "#domain/project/prompts.ts";
import { missingReferences } from "#domain/project/references.ts";

const VALUES = {
  currentTime: "2026-03-01T12:00:00.000Z",
  datetime: "2026-03-01T12:00:00.000Z",
  timestamp: 1_772_366_400_000,
  organizationName: "Acme",
  organizationId: "o1",
  agentName: "Desk",
  "agent.name": "Desk",
  "agent.slug": "desk",
  userId: undefined,
  threadId: "t1",
  message: 'Say "hi", {{agentName}}',
  "threadContext.channel": "api",
  "threadContext.params.plan": "gold",
  "threadContext.params.seats": 3,
  entityTypes: [{ slug: "order" }],
  roles: ["clerk"],
};

const told: { tool: string; args: unknown }[] = [];
const run = async (tool: string, args: Record<string, unknown>): Promise<ToolResult> => {
  told.push({ tool, args });
  if (tool === "secret") return { kind: "denied" };
  if (tool === "broken") return { kind: "failed", message: "no connection" };
  if (tool === "text") return { kind: "done", value: "{{agentName}}" };
  if (tool === "big") return { kind: "done", value: "ü".repeat(20_000) };
  return { kind: "done", value: args };
};
const TOOLS = ["entity.query", "secret", "broken", "text", "big"];
const render = async (prompt: string) => await renderPrompt(prompt, { values: VALUES, tools: TOOLS, run });

const PROMPTS: [prompt: string, becomes: string][] = [
  ["plain", "plain"],
  ["{{currentTime}}", "2026-03-01T12:00:00.000Z"],
  ["{{datetime}}", "2026-03-01T12:00:00.000Z"],
  ["{{timestamp}}", "1772366400000"],
  ["{{organizationName}} ({{organizationId}})", "Acme (o1)"],
  ["{{agentName}}/{{agent.name}}/{{agent.slug}}", "Desk/Desk/desk"],
  ["{{ threadId }}", "t1"],
  ["[{{userId}}]", "[]"],
  ["{{message}}", 'Say "hi", {{agentName}}'],
  ["{{threadContext.channel}}", "api"],
  ["{{threadContext.params.plan}} {{threadContext.params.seats}}", "gold 3"],
  ["[{{threadContext.params.other}}]", "[]"],
  ["{{threadContext.params.}}", "[TEMPLATE_ERROR: there's no variable threadContext.params.]"],
  ["{{entityTypes}}", '[{"slug":"order"}]'],
  ["{{roles}}", '["clerk"]'],
  ["{{unknown}}", "[TEMPLATE_ERROR: there's no variable unknown]"],
  ["{{constructor}}", "[TEMPLATE_ERROR: there's no variable constructor]"],
  ["{{__proto__}}", "{{__proto__}}"],
  ["{{#each roles}}x{{/each}}", "{{#each roles}}x{{/each}}"],
  ["{{if}}", "[TEMPLATE_ERROR: there's no variable if]"],
  ["{agentName}", "{agentName}"],
  ["{{{agentName}}}", "{Desk}"],
  ["{{agentName", "{{agentName"],
  ["{{entity.query()}}", "{}"],
  ['{{entity.query({"type":"order"})}}', '{"type":"order"}'],
  ['{{ entity.query( {"a":{"b":{}}} ) }}', '{"a":{"b":{}}}'],
  ['{{entity.query({"t":")}} \\" ("})}}', '{"t":")}} \\" ("}'],
  ['{{entity.query({"id":"{{threadId}}"})}}', '{"id":"t1"}'],
  ['{{entity.query({"n":{{timestamp}}})}}', '{"n":1772366400000}'],
  ['{{entity.query({"n":{{threadContext.params.seats}}, "p":{{threadId}}})}}', '{"n":3,"p":"t1"}'],
  ['{{entity.query({"u":{{userId}}})}}', '{"u":null}'],
  ['{{entity.query({"q":"re: {{message}}"})}}', '{"q":"re: Say \\"hi\\", {{agentName}}"}'],
  ["{{entity.query([1])}}", "[TEMPLATE_ERROR: entity.query takes a JSON object]"],
  ["{{entity.query(type=order)}}", "[TEMPLATE_ERROR: entity.query takes a JSON object]"],
  ['{{entity.query({"a":1)', '[TEMPLATE_ERROR: entity.query(…) isn\'t closed with )}}]{"a":1)'],
  ["{{entity.query({})} ok", "[TEMPLATE_ERROR: entity.query(…) isn't closed with )}}]{})} ok"],
  ["{{web.search({})}}", "[TEMPLATE_ERROR: the agent doesn't have the tool web.search]"],
  ["{{secret({})}}", "[]"],
  ["{{broken({})}}", "[TEMPLATE_ERROR: no connection]"],
  ["{{text({})}}", "{{agentName}}"],
];

describe("prompts", () => {
  test.each(PROMPTS)("%j is %j", async (prompt, becomes) => {
    expect(await render(prompt)).toBe(becomes);
  });

  test("a message can't put arguments of its own into a call", async () => {
    told.length = 0;
    const prompt = '{{entity.query({"q":"{{message}}","limit":5})}}';
    const values = { ...VALUES, message: '","type":"secret","x":"' };
    await renderPrompt(prompt, { values, tools: TOOLS, run });
    const open = '{{entity.query({"q":{{message}},"limit":5})}}';
    await renderPrompt(open, { values, tools: TOOLS, run });
    expect(told.map(({ args }) => args)).toEqual([
      { q: '","type":"secret","x":"', limit: 5 },
      { q: '","type":"secret","x":"', limit: 5 },
    ]);
  });

  test("a long result is cut off, at a whole character", async () => {
    const text = await render("{{big({})}}");
    expect(text).toBe(`${"ü".repeat(MAX_PART_BYTES / 2)}… [truncated]`);
    const values = { message: "🎈".repeat(3_000) };
    const cut = await renderPrompt("{{message}}", { values, tools: [], run });
    expect(cut.startsWith(`${"🎈".repeat(2_560)}…`)).toBe(true);
  });

  test("one prompt runs a bounded number of tools", async () => {
    told.length = 0;
    const text = await render("{{entity.query({})}}".repeat(MAX_CALLS + 1));
    expect(told).toHaveLength(MAX_CALLS);
    expect(text).toContain(`[TEMPLATE_ERROR: a prompt runs at most ${MAX_CALLS} tools]`);
  });

  test("pieces together are the prompt, and odd ones take no time", () => {
    const began = performance.now();
    for (const prompt of [
      ...PROMPTS.map(([prompt]) => prompt),
      "{{a(".repeat(20_000),
      '{{a("'.repeat(20_000),
      `{{${"a".repeat(50_000)}`,
      `{{a${" ".repeat(50_000)}`,
    ])
      expect(
        promptParts(prompt)
          .map((part) => (part.kind === "text" ? part.text : part.written))
          .join(""),
      ).toBe(prompt);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("faults are named without filling it in", () => {
    const prompt =
      '{{agentName}} {{threadContext.params.plan}} {{threadContext.params.other}} {{nothing}} {{web.search({})}} {{secret({"a":{{message}}})}} {{secret(x)}} {{secret({';
    expect(promptFaults(prompt, { tools: TOOLS, params: ["plan"] })).toEqual([
      {
        message: "other isn't one of the agent's threadContextParams.",
        written: "{{threadContext.params.other}}",
      },
      { message: "There's no variable nothing.", written: "{{nothing}}" },
      { message: "web.search isn't one of the agent's tools.", written: "{{web.search({})}}" },
      { message: "secret takes a JSON object.", written: "{{secret(x)}}" },
      { message: "secret(…) isn't closed with )}}.", written: "{{secret(" },
    ]);
  });

  test("what a prompt queries is a reference, unless a variable says it", () => {
    const prompt =
      '{{entity.query({"filters":{"a":1},"type":"ghost"})}}{{entity.query({"type":"x{{message}}"})}}{{entity.get({"type":{{message}}})}}';
    expect(promptCalls(prompt).map(({ texts }) => texts)).toEqual([{ type: "ghost" }, {}, {}]);
    const name = { kind: "agent", slug: "desk" } as const;
    const value = { name: "Desk", slug: "desk", version: "1", systemPrompt: prompt };
    expect(missingReferences(new Map([["agent:desk", { ...name, value }]]))).toMatchObject([
      { path: "systemPrompt", message: expect.stringContaining("entity type ghost") },
    ]);
  });
});
