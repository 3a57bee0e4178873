import fs from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Call } from "#cli/struere/project.ts";
import { print } from "#cli/struere/print.ts";
import { pull } from "#cli/struere/pull.ts";
import { Remote } from "#cli/struere/remote.ts";
import { KNOWN_HASH_CHARS, printedProject } from "#domain/project/workspace.ts";
import { readPrinted } from "#server/changes/look.ts";
import { keyOf, sync, texts } from "./project-world.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { hashOf } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

let server: http.Server;
let folder: string;
let call: Call;

/** A workspace that was pulled by its sandbox's own key. */
beforeEach(async () => {
  server = http.createServer((request, response) => {
    void (async () => {
      const answer = await db.t.fetch(request.url ?? "/", {
        method: "POST",
        headers: { authorization: request.headers.authorization ?? "", "user-agent": "struere/0" },
        body: await readAll(request),
      });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "struere-"));
  const keys = [{ kind: "sync" as const, hash: hashOf("sandbox"), last4: "aaaa" }];
  await db.service.mutation(api.apiKeys.createForSandbox, { sessionId, generation, keys });
  const { port } = server.address() as AddressInfo;
  const site = { STRUERE_API_KEY: "sandbox", STRUERE_CONVEX_SITE_URL: `http://127.0.0.1:${port}` };
  const options = { force: false, dryRun: false, delete: false, say: () => undefined };
  call = { folder, remote: new Remote(site), ...options };
  await pull({ ...call, force: true });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await fs.rm(folder, { recursive: true });
});

let at = 0;
/** As a server looks at a sandbox. */
async function look() {
  const known = (await db.service.query(api.sessionProject.known, { sessionId }))!;
  const hashes = [...known.entries.map((entry) => entry.slice(-64)), ...known.kept]
    .map((hash) => hash.slice(0, KNOWN_HASH_CHARS))
    .join(" ");
  const { json } = await print({ folder }, hashes);
  const said = printedProject.parse(JSON.parse(JSON.stringify({ success: true, ...json })));
  const { found, texts: told, faults } = readPrinted(said, known, { mask: (text) => text });
  await db.service.mutation(api.sessionProject.keep, { sessionId, texts: told });
  const { revision } = said;
  await db.service.mutation(api.sessionProject.record, { sessionId, revision, found, faults, at: (at += 1) });
  return { said, project: (await ada.as.query(api.sessionProject.get, { sessionId }))! };
}
const file = (name: string) => path.join(folder, name);
const edit = async (name: string, from: string | RegExp, to: string) =>
  await fs.writeFile(file(name), (await fs.readFile(file(name), "utf8")).replace(from, to));

test("what is changed in a workspace is seen, pushed in parts, pulled again, and is no change any more", async () => {
  const first = await look();
  expect(first.project).toMatchObject({ changes: [], faults: [], base: 0 });
  // What is known is not sent again.
  expect(first.said.definitions.every(({ text }) => text === undefined)).toBe(true);
  await edit("agents/support-agent.ts", /systemPrompt: [^\n]*/, "systemPrompt: 'Be kind.\\r\\n“ünïcode”',");
  await fs.rm(file("triggers/ticket-opened.ts"));
  await fs.writeFile(file("roles/broken.ts"), "export default {\n  name: ,\n};\n");
  const { project } = await look();
  expect(project.changes.map(({ change, slug }) => `${change} ${slug}`)).toEqual([
    "updated support-agent",
    "deleted ticket-opened",
  ]);
  expect(project.faults).toMatchObject([{ file: "roles/broken.ts", line: 2 }]);
  const [agent] = project.changes;
  const done = await ada.as.mutation(api.sessionProject.push, {
    sessionId,
    revision: project.base,
    definitions: [{ kind: "agent", slug: "support-agent", seen: agent!.hash }],
  });
  expect(done).toMatchObject({ revision: 1, updated: [{ slug: "support-agent" }] });
  // Nobody has told the workspace; it is told by a pull, which leaves what is its own.
  expect((await look()).project).toMatchObject({ base: 1, changes: [{ slug: "ticket-opened" }] });
  expect(await pull(call)).toMatchObject({ exitCode: 0, json: { revision: 1, created: [], updated: [] } });
  const after = await look();
  expect(after.said.revision).toBe(1);
  expect(after.project).toMatchObject({ base: 1, revision: 1, changes: [{ slug: "ticket-opened" }] });
});

test("what others push comes in by a pull; where both have changed the same, both are kept apart", async () => {
  const key = await keyOf(db, ada);
  const role = { name: "agent", policies: [{ resource: "ticket", actions: ["read"], effect: "allow" }] };
  await edit("roles/agent.ts", /"allow"/, '"deny"');
  await edit("agents/support-agent.ts", /systemPrompt: [^\n]*/, "systemPrompt: 'Mine.',");
  await look();
  await sync(db, key, "/v1/sync", { base_revision: 0, roles: texts(role) });
  const moved = (await look()).project;
  expect(moved).toMatchObject({ base: 0, revision: 1 });
  expect(moved.changes.filter((one) => one.moved).map(({ slug }) => slug)).toEqual(["agent"]);
  expect(await pull(call)).toMatchObject({ exitCode: 3, json: { conflicts: ["roles/agent.ts"] } });
  expect((await look()).project.base).toBe(0);
  // Taking their side by hand settles it: the next look compares with what was pulled.
  await fs.rm(file("roles/agent.ts"));
  await fs.copyFile(file("agents/support-agent.ts"), file("mine.ts"));
  await pull({ ...call, force: true });
  await fs.rename(file("mine.ts"), file("agents/support-agent.ts"));
  expect((await look()).project).toMatchObject({
    base: 1,
    revision: 1,
    changes: [{ slug: "support-agent", moved: false }],
  });
});
