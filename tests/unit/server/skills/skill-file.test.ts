import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_SKILL_BYTES, skillMarkdown } from "#domain/skills.ts";
import { BadSkillFile, readSkillFile } from "#server/skills/skill-file.ts";

test("a file is read with its variables, and the rest of its front matter is kept", () => {
  const text = [
    "---",
    "name: writer",
    "description: >",
    "  Use when",
    "  writing.",
    "license: MIT",
    "metadata: {author: Ada, title: Writer, env-vars: 'A, B'}",
    "dependencies: {env_vars: [B, C]}",
    "---",
    "",
    "# Text",
  ].join("\r\n");
  expect(readSkillFile(`\uFEFF${text}`)).toEqual({
    name: "writer",
    description: "Use when writing.",
    title: "Writer",
    envVars: ["A", "B", "C"],
    body: "# Text",
    extra: '{"license":"MIT","metadata":{"author":"Ada"}}',
  });
});

test("what is written is read again as it was", () => {
  const word = fc.string({ unit: "grapheme-ascii", minLength: 1 }).map((text) => `x${text.trim()}`);
  fc.assert(
    fc.property(word, word, fc.json(), word, (description, title, value, body) => {
      const extra = JSON.stringify({ license: JSON.parse(value) });
      const fields = { name: "writer", description, title, envVars: ["A", "B"], body: `${body}\n`, extra };
      expect(readSkillFile(skillMarkdown(fields))).toEqual(fields);
    }),
  );
});

test.each<[string, string]>([
  ["no front matter", "# Text"],
  ["an unclosed one", "---\nname: a\n# Text"],
  ["an empty one", "---\n---\ntext"],
  ["a list", "---\n- a\n---\ntext"],
  ["broken YAML", "---\nname: [\n---\ntext"],
  ["a name twice", "---\nname: aa\nname: bb\ndescription: d\n---\ntext"],
  ["an alias", "---\nname: &a aa\ndescription: *a\n---\ntext"],
  ["a bomb of aliases", `---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\nname: aa\ndescription: d\n---\ntext`],
  ["a nest", `---\nname: ${"[".repeat(8_000)}\n---\ntext`],
  ["keys that hold keys", `---\nname: aa\ndescription: ${"{".repeat(200)}${"}".repeat(200)}\n---\ntext`],
  ["keys that hold lists", `---\nname: aa\ndescription: ${"[? ".repeat(200)}${"]".repeat(200)}\n---\ntext`],
  ["too much front matter", `---\nname: aa\ndescription: d\nx: ${"y".repeat(20_000)}\n---\ntext`],
  ["no name", "---\ndescription: d\n---\ntext"],
  ["a name that is a number", "---\nname: 12\ndescription: d\n---\ntext"],
  ["no description", "---\nname: aa\n---\ntext"],
  ["no text", "---\nname: aa\ndescription: d\n---\n\n"],
  ["too much", `---\nname: aa\ndescription: d\n---\n${"x".repeat(MAX_SKILL_BYTES)}`],
])("a file with %s is refused", (_, text) => {
  expect(() => readSkillFile(text)).toThrow(BadSkillFile);
});
