import fs from "node:fs";
import path from "node:path";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runMain, serve, temporaryFolder, until, writeFiles, type Served } from "./support.ts";

/** Projects with a `convex.json`, packages that are not bundled, and what is followed by `--watch`. */
const say = makeFunctionReference<"action", Record<string, never>, unknown>("say:say");

let folder: string;
let served: Served | null;

beforeEach(() => {
  folder = temporaryFolder();
  served = null;
});
afterEach(async () => {
  await served?.kill();
  fs.rmSync(folder, { recursive: true });
});

const write = (files: Record<string, string>): void => writeFiles(folder, files);
const start = async (dir: string, extra: string[] = []) => {
  served = await serve({ data: path.join(folder, "data"), dir: path.join(folder, dir), extra });
  return new ConvexHttpClient(served.url, { logger: false });
};
const action = (imports: string, body: string, directive = '"use node";\n') =>
  `${directive}import { actionGeneric } from "convex/server";\n${imports}\nexport const say = actionGeneric({ args: {}, handler: async () => ${body} });\n`;

/** A package that cannot be bundled: it finds a file beside itself, and loads a native module. */
const native = fs.globSync("node_modules/fs-native-extensions/prebuilds/linux-x64/*.node")[0] ?? "";
const packages = {
  "node_modules/whole/package.json": '{"name":"whole","main":"index.js"}',
  "node_modules/whole/index.js":
    'const fs = require("fs"); exports.beside = () => fs.readFileSync(__dirname + "/beside.txt", "utf8"); exports.native = Object.keys(require("./addon.node")).length > 0;',
  "node_modules/whole/beside.txt": "found beside",
};

test("external packages are loaded as they are, native ones too, from the functions folder that convex.json names", async () => {
  write({
    "convex.json": '{"functions":"backend/functions","node":{"externalPackages":["whole"]}}',
    ...packages,
    "backend/functions/say.ts": action('import { beside, native } from "whole";', "[beside(), native]"),
  });
  fs.copyFileSync(path.resolve(native), path.join(folder, "node_modules/whole/addon.node"));
  const client = await start(".");
  expect(await client.action(say, {})).toEqual(["found beside", true]);
});

test("a project's folder without a convex.json has its functions in convex/, and no others", async () => {
  write({
    "package.json": "{}",
    "convex/say.ts": action("", '"hi"', ""),
    "src/main.ts": 'throw new Error("no function of the project\'s");',
  });
  const client = await start(".");
  expect(await client.action(say, {})).toBe("hi");
});

test("an app runs before anything was generated, its components too", async () => {
  const config = (define: string, ...more: string[]) =>
    [
      `import { ${define.split("(")[0]} } from "convex/server";`,
      `const it = ${define};`,
      ...more,
      "export default it;",
    ].join("\n");
  write({
    "convex/convex.config.ts": config(
      "defineApp()",
      'import part from "../part/convex.config.ts";',
      "it.use(part);",
    ),
    "convex/say.ts":
      'import { action } from "./_generated/server.js"; import { components, internal } from "./_generated/api"; export const say = action({ args: {}, handler: async (ctx) => [await ctx.runQuery(components.part.lib.get, {}), await ctx.runQuery(internal.own.get, {})] });',
    "convex/own.ts":
      'import { internalQuery } from "./_generated/server"; export const get = internalQuery({ args: {}, handler: async () => "own" });',
    "part/convex.config.ts": config('defineComponent("part")'),
    "part/lib.ts":
      'import { query, env } from "./_generated/server"; export const get = query({ args: {}, handler: async () => typeof env });',
  });
  const client = await start("convex");
  expect(await client.action(say, {})).toEqual(["object", "own"]);
});

test("a folder of functions finds the convex.json above it, which has all packages stay outside", async () => {
  write({
    "convex.json": '{"node":{"externalPackages":["*"]}}',
    ...packages,
    "convex/say.ts": action('import { beside } from "whole";', "beside()"),
  });
  fs.copyFileSync(path.resolve(native), path.join(folder, "node_modules/whole/addon.node"));
  const client = await start("convex");
  expect(await client.action(say, {})).toBe("found beside");
});

test("what cannot be bundled is named with the imports that lead there", async () => {
  write({
    ...packages,
    "convex/say.ts": action('import { helper } from "./lib/helper.ts";', "helper()"),
    "convex/lib/helper.ts": 'import { beside } from "whole"; export const helper = () => beside();',
  });
  fs.copyFileSync(path.resolve(native), path.join(folder, "node_modules/whole/addon.node"));
  const args = [
    "--dir",
    path.join(folder, "convex"),
    "--data",
    path.join(folder, "data"),
    "--admin-key",
    "k",
    // Somebody's own may be running on the usual ones.
    "--port",
    "0",
    "--site-port",
    "0",
  ];
  const { code, stderr } = await runMain(args);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /convex cannot be bundled: \.\.\/node_modules\/whole\/index\.js:1: No loader is configured for "\.node" files: .*addon\.node \(imported by lib\/helper\.ts, imported by say\.ts\)\n$/,
  );
});

test.each(['{"functions": 1}', '{"node":{"externalPackages":"whole"}}', "{"])(
  "a convex.json that cannot be used says so: %s",
  async (text) => {
    write({ "convex.json": text, "convex/say.ts": action("", "1") });
    const ports = ["--port", "0", "--site-port", "0"];
    const args = ["--dir", folder, "--data", path.join(folder, "data"), "--admin-key", "k", ...ports];
    expect(await runMain(args)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/convex\.json(:| cannot)/),
    });
  },
);

test("--watch follows what is imported from outside the folder, and folders of components", async () => {
  const text = (words: string) => `export const words = ${JSON.stringify(words)};\n`;
  const query = (words: string) =>
    `import { queryGeneric } from "convex/server"; export const get = queryGeneric(async () => ${JSON.stringify(words)});`;
  write({
    "shared/words.ts": text("one"),
    "convex/say.ts": `import { actionGeneric, componentsGeneric } from "convex/server"; import { words } from "../shared/words.ts";
      export const say = actionGeneric(async (ctx) => [words, await ctx.runQuery(componentsGeneric().part.lib.get, {})]);`,
    "convex/convex.config.ts":
      'import { defineApp } from "convex/server"; import part from "../parts/part/convex.config.ts"; const app = defineApp(); app.use(part); export default app;',
    "parts/part/convex.config.ts":
      'import { defineComponent } from "convex/server"; export default defineComponent("part");',
    "parts/part/lib.ts": query("first"),
  });
  const client = await start("convex", ["--watch"]);
  expect(await client.action(say, {})).toEqual(["one", "first"]);
  const becomes = (value: unknown) =>
    until(
      JSON.stringify(value),
      async () => (JSON.stringify(await client.action(say, {})) === JSON.stringify(value) ? true : undefined),
      20_000,
    );
  write({ "shared/words.ts": text("two") });
  await becomes(["two", "first"]);
  write({ "parts/part/lib.ts": query("second") });
  await becomes(["two", "second"]);
  write({ "shared/words.ts": text("three") });
  await becomes(["three", "second"]);
});

test("--watch takes over components' schemas, files that come and go, and components that are new", async () => {
  const server = (body: string) => `import { queryGeneric, mutationGeneric } from "convex/server";\n${body}`;
  const schema = (fields: string, more = "") =>
    `import { defineSchema, defineTable } from "convex/server"; import { v } from "convex/values";
      export default defineSchema({ items: defineTable({ ${fields} })${more} });`;
  const app = (...names: string[]) =>
    [
      'import { defineApp } from "convex/server"; const app = defineApp();',
      ...names.map((name) => `import ${name} from "../parts/${name}/convex.config.ts"; app.use(${name});`),
      "export default app;",
    ].join("\n");
  const component = (name: string) =>
    `import { defineComponent } from "convex/server"; export default defineComponent("${name}");`;
  const call = (body: string) =>
    `import { actionGeneric, componentsGeneric } from "convex/server"; const c = componentsGeneric();
      export const say = actionGeneric(async (ctx) => { ${body} });`;
  const add = server(
    'export const add = mutationGeneric(async (ctx, item) => { await ctx.db.insert("items", item); });',
  );
  const count = "return (await ctx.runQuery(c.part.read.all, {})).length;";
  write({
    "convex/say.ts": call(count),
    "convex/seed.ts": call('await ctx.runMutation(c.part.lib.add, { name: "a" });'),
    "convex/convex.config.ts": app("part"),
    "parts/part/convex.config.ts": component("part"),
    "parts/part/schema.ts": schema("name: v.string()"),
    "parts/part/lib.ts": add,
    "parts/part/read.ts": server(
      'export const all = queryGeneric(async (ctx) => ctx.db.query("items").collect());',
    ),
  });
  const client = await start("convex", ["--watch"]);
  await client.action(makeFunctionReference<"action">("seed:say"), {});
  expect(await client.action(say, {})).toBe(1);
  const answer = async () => client.action(say, {}).catch((error: unknown) => String(error));
  const becomes = (wanted: unknown) =>
    until(String(wanted), async () => ((await answer()) === wanted ? true : undefined), 20_000);
  // A file of the component, with an index that is new.
  write({
    "parts/part/schema.ts": schema("name: v.string()", '.index("by_name", ["name"])'),
    "parts/part/found.ts": server(
      'export const byName = queryGeneric(async (ctx) => (await ctx.db.query("items").withIndex("by_name", (q) => q.eq("name", "a")).collect()).length + " by name");',
    ),
    "convex/say.ts": call("return ctx.runQuery(c.part.found.byName, {});"),
  });
  await becomes("1 by name");
  // A schema that what is stored does not fit is refused, and what was before goes on.
  write({ "parts/part/schema.ts": schema("name: v.string(), size: v.number()") });
  await until("the refusal", () =>
    served?.stderr().includes("not reloaded: Schema validation failed") ? true : undefined,
  );
  expect(await answer()).toBe("1 by name");
  write({ "parts/part/schema.ts": schema("name: v.string(), size: v.optional(v.number())") });
  fs.rmSync(path.join(folder, "parts/part/found.ts"));
  write({ "convex/say.ts": call(count) });
  await becomes(1);
  // One more component, which can't be loaded at first: it is followed nevertheless.
  write({
    "parts/other/convex.config.ts": component("other"),
    "parts/other/lib.ts": "this is no code",
    "convex/convex.config.ts": app("part", "other"),
    "convex/say.ts": call("return ctx.runQuery(c.other.lib.get, {});"),
  });
  await until("the refusal", () =>
    /not reloaded: .*lib\.ts/.test(served?.stderr() ?? "") ? true : undefined,
  );
  write({ "parts/other/lib.ts": server('export const get = queryGeneric(async () => "other");') });
  await becomes("other");
  write({ "convex/convex.config.ts": app("part"), "convex/say.ts": call(count) });
  await becomes(1);
});
