import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate, EVALUATION_LIMITS } from "#cli/struere/evaluate.ts";
import { literalDefinition } from "#cli/struere/literal.ts";
import { DEFINITION_KINDS, definitionSource } from "#domain/definitions.ts";
import { faultsOf } from "#domain/project/check.ts";
import type { ProjectKind } from "#domain/project/kinds.ts";

/** Text of every kind that a file could spoil: quotes, templates, line ends, half characters, marks of a script. */
const odd = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        "\r\n",
        "\r",
        "\n",
        "`",
        "${",
        "}",
        "\\",
        "\\`",
        "'",
        '"',
        "\u2028",
        "\u2029",
        "\u0000",
        "\ufeff",
        "</script>",
        "*/",
        "{{x}}",
        "é",
        "🎈",
        "\ud800",
      ),
      { minLength: 1, maxLength: 30 },
    )
    .map((parts) => parts.join("")),
);
const words = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const named = odd.filter((text) => text.trim() !== "").map((text) => text.slice(0, 200));
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const json = fc.jsonValue({ maxDepth: 2 });
const record = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), json);

const arbitraries: Record<Exclude<ProjectKind, "file">, fc.Arbitrary<object>> = {
  agent: fc.record({
    name: named,
    slug: words,
    version: words,
    description: some(odd),
    // Some are as long as prompts get.
    systemPrompt: fc.oneof(
      odd,
      odd.map((text) => text.repeat(Math.ceil(64_000 / text.length))),
    ),
    model: some(
      fc.record({
        model: fc.constantFrom("anthropic/claude-sonnet-4-6", "openai/gpt-5-mini"),
        temperature: some(fc.constantFrom(0, 0.7, 2)),
        maxTokens: some(fc.integer({ min: 1, max: 65_536 })),
        reasoning: some(
          fc.record({
            enabled: some(fc.boolean()),
            effort: some(fc.constantFrom("minimal", "low", "medium", "high")),
            budgetTokens: some(fc.integer({ min: 1, max: 9_999 })),
            hideFromResponse: some(fc.boolean()),
          }),
        ),
      }),
    ),
    tools: some(fc.array(words)),
    firstMessageSuggestions: some(fc.array(odd, { maxLength: 3 })),
    threadContextParams: some(
      fc.array(
        fc.record({
          name: words,
          type: fc.constantFrom("string", "number", "boolean"),
          required: some(fc.boolean()),
          description: some(odd),
        }),
        { maxLength: 3 },
      ),
    ),
  }),
  entityType: fc.record({
    name: named,
    slug: words,
    schema: fc.record({
      type: fc.constant("object"),
      $comment: odd,
      properties: fc.record({
        title: fc.record({
          type: fc.constant("string"),
          enum: fc.array(json, { minLength: 1, maxLength: 3 }),
          references: words,
        }),
        "odd key": fc.record({
          type: fc.constant("array"),
          items: fc.record({
            type: fc.constant("number"),
            minimum: fc.double({ noNaN: true, noDefaultInfinity: true }),
          }),
        }),
      }),
      required: fc.constant(["title"]),
    }),
    searchFields: some(fc.constant(["title"])),
    displayConfig: some(
      fc.record({
        titleField: fc.constant("title"),
        subtitleField: some(fc.constant("title")),
        descriptionField: some(fc.constant("title")),
      }),
    ),
    boundToRole: words,
    userIdField: some(words),
  }),
  role: fc.record({
    name: words,
    description: some(odd),
    agentAccess: some(fc.array(words)),
    policies: fc.array(
      fc.record({
        resource: fc.oneof(words, fc.constantFrom("*", "users")),
        actions: fc.subarray(["create", "read", "update", "delete", "list", "*"], { minLength: 1 }),
        effect: fc.constantFrom("allow", "deny"),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    scopeRules: some(
      fc.array(
        fc.record({
          entityType: words,
          field: words,
          operator: fc.constantFrom("eq", "neq", "in", "contains"),
          value: json,
        }),
        { maxLength: 3 },
      ),
    ),
    fieldMasks: some(
      fc.array(
        fc.record({
          entityType: words,
          fieldPath: words,
          maskType: fc.constantFrom("hide", "redact"),
          maskConfig: some(record),
        }),
        { maxLength: 3 },
      ),
    ),
  }),
  trigger: fc.record({
    name: named,
    slug: words,
    description: some(odd),
    on: fc.record({
      entityType: words,
      action: fc.constantFrom("created", "updated", "deleted"),
      condition: some(
        fc.dictionary(
          words.map((word) => `data.${word}`),
          json,
        ),
      ),
    }),
    schedule: some(
      fc.oneof(
        fc.record({ delay: fc.integer({ min: 1, max: 9 }), cancelPrevious: some(fc.boolean()) }),
        fc.record({ at: fc.constant("{{trigger.data.at}}"), offset: some(fc.integer({ min: -9, max: 9 })) }),
      ),
    ),
    retry: some(
      fc.record({
        maxAttempts: some(fc.integer({ min: 1, max: 9 })),
        backoffMs: some(fc.integer({ min: 0, max: 9 })),
      }),
    ),
    actions: fc.array(fc.record({ tool: words, args: record, as: fc.constant(undefined) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
};

test(
  "a file that a pull writes is what a push sends, for every field of every kind",
  { timeout: 240_000 },
  async () => {
    for (const kind of DEFINITION_KINDS) {
      const sent = fc
        .sample(arbitraries[kind.kind], { numRuns: 12, seed: 7 })
        .map((one) => JSON.parse(JSON.stringify(one)) as Record<string, unknown>);
      for (const one of sent)
        expect(faultsOf(kind.kind, one), JSON.stringify(one).slice(0, 2_000)).toEqual([]);
      const jobs = sent.map((one, i) => ({
        file: `${kind.folder}/${i}.ts`,
        source: definitionSource(kind, one),
      }));
      // Nothing is lost on the way to the disk and back.
      for (const { source } of jobs) expect(Buffer.from(source).toString("utf8")).toBe(source);
      const read = await evaluate(
        jobs,
        async () => await Promise.reject(new Error("none")),
        EVALUATION_LIMITS,
      );
      for (const [i, one] of read.entries())
        expect(one.ok ? one.json : one.message, kind.kind).toBe(JSON.stringify(sent[i]));
    }
  },
);

test("what a pull writes is read without being run, and comes out the same", { timeout: 240_000 }, () => {
  for (const kind of DEFINITION_KINDS)
    fc.assert(
      fc.property(arbitraries[kind.kind], (given) => {
        const sent = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
        expect(literalDefinition(definitionSource(kind, sent))).toBe(JSON.stringify(sent));
      }),
      { numRuns: 100, seed: 11 },
    );
});
