import fc from "fast-check";
import { parse } from "yaml";
import { expect, test } from "vitest";
import { LIMITS, faultOf } from "#domain/limits.ts";
import {
  DEFAULT_SKILL_ROOT,
  equalDomains,
  EXAMPLE_SKILLS,
  skillDomain,
  skillMarkdown,
  skillRootFault,
} from "#domain/skills.ts";

const FIELDS = { name: "writer", description: "d", title: "", envVars: [], body: "b", extra: "{}" };

/** The front matter and the body of a file. */
function read(text: string): { matter: unknown; body: string } {
  const [, matter = "", body = ""] = /^---\n([\s\S]*?\n)---\n\n([\s\S]*)$/.exec(text) ?? [];
  return { matter: parse(matter), body };
}

test("the file says what the skill is, and keeps what else its front matter has", () => {
  const extra = JSON.stringify({
    license: "MIT",
    "allowed tools": ["bash"],
    name: "another",
    metadata: { author: "Ada", title: "old" },
  });
  const fields = { ...FIELDS, title: "Writer", envVars: ["A", "B"], extra };
  expect(read(skillMarkdown(fields))).toEqual({
    matter: {
      name: "writer",
      description: "d",
      license: "MIT",
      "allowed tools": ["bash"],
      metadata: { author: "Ada", title: "Writer", "env-vars": "A, B" },
    },
    body: "b\n",
  });
});

test("no word of a person's breaks the front matter", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.json(), fc.string(), (description, value, body) => {
      const extra = JSON.stringify({ more: JSON.parse(value) });
      const whole = read(skillMarkdown({ ...FIELDS, description, extra, body: `x${body}` }));
      expect(whole.matter).toEqual({ name: "writer", description, more: JSON.parse(value) });
      expect(whole.body.startsWith(`x${body}`)).toBe(true);
    }),
  );
});

test.each(["true", "null", "12", "0x10", "no", "1e3"])("the name %s stays a text", (name) => {
  expect(read(skillMarkdown({ ...FIELDS, name })).matter).toMatchObject({ name });
});

test.each([
  [DEFAULT_SKILL_ROOT, "web"],
  ["docs/skills", "skills"],
  [".claude/skills", "skills"],
  ["a-b", "a-b"],
])("%s is a root, and %s in mentions", (root, domain) => {
  expect(skillRootFault(root)).toBeNull();
  expect(skillDomain(root)).toBe(domain);
});

test.each([
  "",
  "/",
  "/workspace/skills",
  "../skills",
  "skills/../../etc",
  "skills/./x",
  "skills/",
  "skills//x",
  ".git/skills",
  "shop/.git/hooks",
  "node_modules/skills",
  "agents/skills",
  "triggers",
  ".struere/skills",
  ".env",
  "Skills",
  "my skills",
  "ski$lls",
  "s",
  "skills\nx",
  "skills\0x",
  `${"a/".repeat(100)}skills`,
  "a".repeat(65),
])("%j is no root", (root) => {
  expect(skillRootFault(root)).not.toBeNull();
});

test("roots that a mention could not tell apart are found", () => {
  expect(equalDomains(["docs/skills", "a/b", DEFAULT_SKILL_ROOT])).toBeNull();
  expect(equalDomains(["docs/skills", "x", "other/skills"])).toEqual(["docs/skills", "other/skills"]);
  expect(equalDomains([DEFAULT_SKILL_ROOT, "my/web"])).toEqual([DEFAULT_SKILL_ROOT, "my/web"]);
});

test("the examples can be created", () => {
  for (const { name, description, title, body } of EXAMPLE_SKILLS) {
    expect(faultOf(LIMITS.skillName, name, "name")).toBeNull();
    expect(faultOf(LIMITS.skillDescription, description, "description")).toBeNull();
    expect(faultOf(LIMITS.skillTitle, title, "title")).toBeNull();
    expect(faultOf(LIMITS.skillBody, body, "body")).toBeNull();
  }
});
