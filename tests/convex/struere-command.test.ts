import fs from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { pull } from "#cli/struere/pull.ts";
import { deploy, push, status } from "#cli/struere/push.ts";
import { AGENT, CLERK, keyOf, sync, texts } from "./project-world.ts";
import { call, freshSite, key, last, root, write } from "./struere-world.ts";
import { ada, db } from "./world.ts";

freshSite();

const file = (folder: string, name: string) => path.join(root, folder, name);
const edit = async (folder: string, name: string, from: string, to: string) =>
  await write(folder, name, (await fs.readFile(file(folder, name), "utf8")).replace(from, to));
const pulled = async () => (await sync(db, key, "/v1/sync/pull")).body as never as Record<string, string[]>;

test("a team pulls, changes and pushes its project, and takes in what others push", async () => {
  for (const who of ["one", "two"]) {
    await fs.mkdir(path.join(root, who));
    await pull(call(who));
  }
  expect(await fs.readdir(file("one", "agents"))).toEqual(["support-agent.ts"]);
  expect(last(await push(call("one")))).toBe("created: 0, updated: 0, deleted: 0");

  // A prompt made by a function, in a file that imports another, beside a tool that is carried as it is.
  await write(
    "one",
    "agents/shared/words.ts",
    "export default { slug: 'x' }; export const word: string = 'Hi';\n",
  );
  await fs.rename(file("one", "agents/shared/words.ts"), file("one", "agents/shared/index.ts"));
  await write(
    "one",
    "agents/greeter.ts",
    'import { defineAgent } from "struere";\nimport { word } from "./shared/index.ts";\nexport default defineAgent({ name: "G", slug: "greeter", version: "1", systemPrompt: async () => `${word}\\r\\n“all”` });\n',
  );
  await write("one", "tools/index.ts", "export default [];\r\n");
  await edit("one", "roles/agent.ts", '"create", "read", "list"', '"*"');
  const plan = await push(call("one", { dryRun: true }));
  expect(plan.lines).toContain("  Role agent can now update, delete ticket.");
  expect(last(plan)).toBe("Nothing was changed. It would be created: 2, updated: 1, deleted: 0");
  expect(last(await push(call("one")))).toBe("created: 2, updated: 1, deleted: 0");
  expect((await pulled()).agents).toContain(
    JSON.stringify({ name: "G", slug: "greeter", version: "1", systemPrompt: "Hi\r\n“all”" }),
  );

  // The other one has changed something meanwhile: it is refused, pulls, and pushes.
  await edit("two", "agents/support-agent.ts", "Support agent", "Desk");
  await edit("two", "roles/agent.ts", "What the project's agents may do.", "Theirs");
  await expect(push(call("two"))).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining("role agent"),
  });
  expect(await pull(call("two"))).toMatchObject({ exitCode: 3, json: { conflicts: ["roles/agent.ts"] } });
  await edit("two", "roles/agent.ts", "Theirs", "What the project's agents may do.");
  expect(await pull(call("two"))).toMatchObject({
    exitCode: 0,
    json: { ahead: ["agents/support-agent.ts"], updated: ["roles/agent.ts"] },
  });
  expect(await fs.readFile(file("two", "tools/index.ts"), "utf8")).toBe("export default [];\r\n");
  expect(last(await push(call("two")))).toBe("created: 0, updated: 1, deleted: 0");
  // The function is still there where its text is what Studio has.
  await pull(call("one"));
  expect(await fs.readFile(file("one", "agents/greeter.ts"), "utf8")).toContain("async () =>");
});

test("nothing is deleted without being asked, and only what was here", async () => {
  await fs.mkdir(path.join(root, "one"));
  await pull(call("one"));
  await sync(db, key, "/v1/sync", { base_revision: 0, agents: texts(AGENT) });
  await pull(call("one"));
  await fs.rm(file("one", "agents/support.ts"));
  expect(await push(call("one"))).toMatchObject({ json: { deleted: 0, not_deleted: [{ slug: "support" }] } });
  expect((await pulled()).agents).toContain(JSON.stringify(AGENT));
  expect((await pull(call("one"))).json).toMatchObject({ ahead: ["agents/support.ts"], created: [] });
  expect(last(await push(call("one", { delete: true })))).toBe("created: 0, updated: 0, deleted: 1");
  expect((await pulled()).agents).not.toContain(JSON.stringify(AGENT));
});

test("a bad file is named, and nothing is pushed", async () => {
  await fs.mkdir(path.join(root, "one"));
  await pull(call("one"));
  await write("one", "agents/bad.ts", "export default {\n  name: ,\n};\n");
  await write("one", "roles/clerk.ts", `export default ${JSON.stringify({ ...CLERK, policies: [] })};\n`);
  await fs.symlink("/etc/passwd", file("one", "agents/link.ts"));
  await expect(push(call("one"))).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(
      /agents\/bad\.ts:2:9: [\s\S]*roles\/clerk\.ts:1:\d+: policies: A role needs/,
    ),
  });
  expect(await status(call("one"), true)).toMatchObject({ exitCode: 1, json: { revision: 0 } });
});

test("a folder without a past, another organization's, or another version's is refused", async () => {
  await fs.mkdir(path.join(root, "one"));
  await write("one", "agents/a.ts", `export default ${JSON.stringify(AGENT)};\n`);
  await expect(push(call("one"))).rejects.toMatchObject({ exitCode: 3 });
  expect(await push(call("one", { force: true }))).toMatchObject({ json: { created: 1, deleted: 0 } });
  await write("one", "struere.json", JSON.stringify({ version: "1.0" }));
  await expect(push(call("one"))).rejects.toThrow('"2.0" alone');
  await write(
    "one",
    "struere.json",
    JSON.stringify({ version: "2.0", organization: { id: "x", slug: "eve" } }),
  );
  await expect(push(call("one"))).rejects.toThrow("project of eve");
  await fs.rm(file("one", "struere.json"));
  await expect(push(call("one", { environment: "production" }))).rejects.toMatchObject({ exitCode: 4 });
  await expect(push(call("one", {}, "wrong"))).rejects.toMatchObject({ exitCode: 4 });
});

test("a push that was cut off after it had arrived is found out, and production is promoted", async () => {
  await fs.mkdir(path.join(root, "one"));
  await pull(call("one"));
  await write("one", "agents/a.ts", `export default ${JSON.stringify(AGENT)};\n`);
  const before = await fs.readFile(file("one", ".struere/state.json"), "utf8");
  await push(call("one"));
  await write("one", ".struere/state.json", before);
  expect(last(await push(call("one")))).toBe("created: 0, updated: 0, deleted: 0");
  await edit("one", "agents/a.ts", "1.0.0", "1.0.1");
  expect(last(await push(call("one")))).toBe("created: 0, updated: 1, deleted: 0");

  const production = await keyOf(db, ada, { environment: "production" });
  expect(last(await deploy(call("one", { dryRun: true }, production)))).toBe(
    "created: 1, updated: 0, deleted: 0",
  );
  expect(last(await deploy(call("one", {}, production)))).toBe("created: 1, updated: 0, deleted: 0");
  await expect(deploy(call("one"))).rejects.toMatchObject({ exitCode: 4 });
});
