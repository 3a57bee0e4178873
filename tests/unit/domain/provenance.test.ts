import { expect, test } from "vitest";
import { madeStates, templateParts } from "#domain/provenance.ts";
import { versionsIn } from "#server/sandbox-start/template.ts";

const made = (template: string, buildId: string | null = null, node = "24.1.0") => ({
  template,
  versions: { node, opencode: "1.0.0" },
  snapshot: buildId === null ? null : { buildId },
});

test("a session's template is told from what new sandboxes are made of", () => {
  const began = made("studio@1", "a");
  expect(madeStates(began, made("studio@1", "a"), "studio@1")).toEqual({
    template: "same",
    versionsNow: { node: "24.1.0", opencode: "1.0.0" },
    snapshot: "same",
  });
  // The order of its programs says nothing.
  const turned = { ...began, versions: { opencode: "1.0.0", node: "24.1.0" } };
  expect(madeStates(turned, made("studio@1", "a"), "studio@1").template).toBe("same");
  expect(madeStates(began, made("studio@1", "b", "24.2.0"), "studio@1")).toMatchObject({
    template: "changed",
    versionsNow: { node: "24.2.0" },
    snapshot: "changed",
  });
  expect(madeStates(began, made("studio@1"), "studio@1").snapshot).toBe("gone");
  expect(madeStates(made("studio@1"), made("studio@1", "b"), "studio@1").snapshot).toBe("changed");
});

test("of another template than the latest sessions', nothing is known yet", () => {
  expect(madeStates(made("studio@1", "a"), made("studio@1", "a"), "studio@2")).toEqual({
    template: "changed",
    versionsNow: null,
    snapshot: "gone",
  });
  expect(templateParts("my@team/studio@0.1.0")).toEqual({ name: "my@team/studio", studioVersion: "0.1.0" });
  expect(templateParts("studio")).toEqual({ name: "studio", studioVersion: "" });
});

test.each([
  ["no JSON", "{"],
  ["a list", "[]"],
  ["markup as a name", '{"<b>":"1"}'],
  ["a secret as a version", '{"node":"sk-abc def"}'],
  ["a large file", JSON.stringify({ node: "1", more: "x".repeat(5_000) })],
  [
    "more programs than a template names",
    JSON.stringify(Object.fromEntries([...Array(21).keys()].map((n) => [`p${n}`, "1"]))),
  ],
])("a template that says %s says nothing", (_what, text) => {
  expect(versionsIn(text)).toBeNull();
});

test("a template's versions are read as they are", () => {
  expect(versionsIn('{"node":"24.21.0","sandbox-agent":"0.4.2"}')).toEqual({
    node: "24.21.0",
    "sandbox-agent": "0.4.2",
  });
});
