import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFINITION_KINDS, definitionPath, definitionSource } from "#domain/definitions.ts";

/** Reads a definition's file the way a project's loader does: the builder answers what it is given. */
async function load(source: string): Promise<unknown> {
  const module = source
    .replace(/^import \{ (\w+) \} from "struere";/, "const $1 = (definition) => definition;")
    .replace("export default", "export const definition =");
  const url = `data:text/javascript;base64,${Buffer.from(module).toString("base64")}`;
  return ((await import(url)) as { definition: unknown }).definition;
}

const [agent] = DEFINITION_KINDS;

test("a definition's file gives the definition back, whatever it holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), async (values) => {
      const json = JSON.parse(JSON.stringify(values)) as Record<string, unknown>;
      expect(JSON.stringify(await load(definitionSource(agent, json)))).toBe(JSON.stringify(json));
    }),
    { numRuns: 150 },
  );
});

test.each([
  ["several lines, `ticks`, ${holes}, \\ and a\r\nbreak"],
  ["line separators \u2028 \u2029"],
  ['"quotes" and a trailing backslash \\'],
])("keeps text as it is: %j", async (systemPrompt) => {
  expect(await load(definitionSource(agent, { slug: "a", systemPrompt }))).toEqual({
    slug: "a",
    systemPrompt,
  });
});

test("a file's name is safe whatever the key holds", () => {
  expect(definitionPath(agent, "support-agent")).toBe("agents/support-agent.ts");
  expect(definitionPath(agent, "../../etc/passwd")).toBe("agents/etc-passwd.ts");
  expect(definitionPath(agent, "Größe")).toBe("agents/gro-e.ts");
  expect(definitionPath(agent, "…")).toBe("agents/unnamed.ts");
});
