import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ADMIN_KEY,
  makeIssuer,
  makeProject,
  runConvex,
  serve,
  temporaryFolder,
  writeFiles,
  type Served,
} from "./support.ts";

/** `npx convex codegen` of the unmodified `convex` package, for an app with components. */
let folder: string;
let served: Served;

const config = (name: string, ...uses: string[]) =>
  [
    'import { defineComponent } from "convex/server";',
    `const component = defineComponent(${JSON.stringify(name)});`,
    ...uses,
    "export default component;",
  ].join("\n");

beforeEach(async () => {
  folder = temporaryFolder();
  makeProject(folder);
  write({
    "convex/say.ts":
      'import { query } from "./_generated/server"; export const hi = query({ args: {}, handler: async () => "hi" });',
    "convex/convex.config.ts":
      'import { defineApp } from "convex/server"; import counter from "./counter/convex.config"; const app = defineApp(); app.use(counter); app.use(counter, { name: "second" }); export default app;',
    "convex/counter/convex.config.ts": config(
      "counter",
      'import inner from "../inner/convex.config";',
      "component.use(inner);",
    ),
    "convex/counter/schema.ts":
      'import { defineSchema, defineTable } from "convex/server"; import { v } from "convex/values"; export default defineSchema({ counts: defineTable({ name: v.string() }).index("by_name", ["name"]) });',
    "convex/counter/lib/add.ts": `import { v } from "convex/values"; import { mutation, internalQuery } from "../_generated/server";
      export const one = mutation({ args: { name: v.string(), by: v.optional(v.number()) }, returns: v.number(), handler: async () => 1 });
      export const hidden = internalQuery({ args: {}, handler: async () => 1 });`,
    "convex/inner/convex.config.ts": config("inner"),
    "convex/inner/deep.ts":
      'import { v } from "convex/values"; import { query } from "./_generated/server"; export const get = query({ args: {}, returns: v.string(), handler: async () => "x" });',
  });
  // The runtime serves something else: what is pushed is looked at, and not what is served.
  const { envFile } = await makeIssuer(folder);
  served = await serve({ data: path.join(folder, "data"), envFile });
});
afterEach(async () => {
  await served.kill();
  fs.rmSync(folder, { recursive: true });
});

const write = (files: Record<string, string>): void => writeFiles(folder, files);

test("codegen types components, nested ones too, from what is pushed, and changes nothing of what is served", async () => {
  await runConvex(served, folder, "codegen", "--typecheck", "disable");
  const read = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");
  expect(read("convex/_generated/api.d.ts")).toMatch(/counter: [^]*second: /);
  expect(read("convex/counter/_generated/component.ts")).not.toContain("hidden");
  expect(fs.readdirSync(path.join(folder, "data/pushes"))).toEqual([]);
  const use = (call: string) =>
    `import { action } from "./_generated/server"; import { components } from "./_generated/api";
      export const go = action({ args: {}, handler: async (ctx): Promise<number> => ${call} });`;
  const check = async (call: string) => {
    const compilerOptions = {
      strict: true,
      module: "ESNext",
      moduleResolution: "Bundler",
      skipLibCheck: true,
    };
    write({
      "convex/use.ts": use(call),
      "convex/tsconfig.json": JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] } }),
    });
    const args = ["--noEmit", "--pretty", "false", "-p", "convex/tsconfig.json"];
    const tsc = path.resolve("node_modules/typescript/bin/tsc");
    return await promisify(execFile)(process.execPath, [tsc, ...args], { cwd: folder }).then(
      () => "",
      // Of a nested one in a folder, the command itself writes an address that is not there.
      ({ stdout }: { stdout: string }) => (/^convex\/use\.ts.*/m.exec(stdout) ?? [""])[0],
    );
  };
  expect(await check('ctx.runMutation(components.second.lib.add.one, { name: "a" })')).toBe("");
  expect(await check("ctx.runMutation(components.counter.lib.add.one, { name: 1 })")).toContain("use.ts");
  expect(await check("ctx.runQuery(components.counter.lib.add.hidden, {})")).toContain("hidden");
  expect(await runConvex(served, folder, "run", "messages:secret")).toBe('"<secret>"');
});

test("code that cannot be loaded, and what is no push, is refused with the reason", async () => {
  write({ "convex/counter/lib/add.ts": 'export const one = 1; throw new Error("not today");' });
  await expect(runConvex(served, folder, "codegen", "--typecheck", "disable")).rejects.toThrow(
    /lib\/add\.js cannot be loaded: not today/,
  );
  expect(fs.readdirSync(path.join(folder, "data/pushes"))).toEqual([]);
  const push = async (body: unknown, key = ADMIN_KEY, at = "start_push") => {
    const response = await fetch(`${served.url}/api/deploy2/${at}`, {
      method: "POST",
      headers: { authorization: `Convex ${key}`, "content-encoding": "br" },
      body: brotliCompressSync(typeof body === "string" ? body : JSON.stringify(body)),
    });
    return [response.status, ((await response.json()) as { message: string }).message] as const;
  };
  const code = (file: string, source = "") => ({ path: file, source, environment: "isolate" });
  const app = (more: object) => ({
    appDefinition: { definition: null, dependencies: [], schema: null, changedModules: [], ...more },
    componentDefinitions: [],
  });
  expect(await push(app({}), "other")).toMatchObject([401, expect.any(String)]);
  expect(await push({})).toEqual([400, "appDefinition must be an object."]);
  expect(await push("x".repeat(70 * 1024 * 1024))).toMatchObject([413, expect.any(String)]);
  for (const file of ["../../out.js", "/tmp/out.js", "a/../../out.js", "./a.js", "", "a\0.js"])
    expect(await push(app({ changedModules: [code(file)] })), file).toEqual([
      400,
      expect.stringContaining("is no path of a module"),
    ]);
  const ends = await push(app({ changedModules: [code("a.js", "process.exit(3);")] }));
  expect(ends).toEqual([400, "The app's code ended the process that loaded it."]);
  expect(await push(app({}), ADMIN_KEY, "finish_push")).toEqual([400, expect.stringContaining("--watch")]);
});
