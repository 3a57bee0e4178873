import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { creditsResponse, ledgerResponse } from "#contracts/billing.ts";
import { Api, until } from "#tests/api.ts";
import { Stack } from "#tests/stack.ts";
import { Visitor } from "#tests/visitor.ts";

/** The restore drill: everything is backed up while people work, destroyed, and brought back. */

const root = path.resolve(import.meta.dirname, "../..");
let stack: Stack;
let api: Api;
beforeAll(async () => {
  stack = await Stack.start();
  api = Api.withKey(stack.url, stack.credentials.apiKey);
});
afterAll(async () => await stack?.stop());

const SERVICES = ["data", "sandboxes", "demo model", "web"] as const;
async function command(name: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [`lib/cli/${name}.ts`, ...args], {
    cwd: root,
  });
  return stdout;
}
const balance = async () =>
  creditsResponse.parse((await api.call("GET", "/api/v1/credits")).body).balance_micro_usd;
const ledger = async () =>
  ledgerResponse.parse((await api.call("GET", "/api/v1/credits/ledger?limit=100")).body).entries;

test(
  "backed up under load, destroyed, restored: people, money and sessions are there, and one goes on",
  { timeout: 300_000 },
  async () => {
    const { id, agentSessionId, sandboxId } = await api.createSession();
    await api.finish(await api.send(id, "create a file a.txt containing one"));
    await until("the work to be saved", async () =>
      (await api.events(id)).some(
        ({ type, payload }) => type === "checkpoint.created" && payload.cause === "turn",
      ),
    );
    const secret = await api.call("PUT", "/api/v1/variables/TOKEN", { value: "kept" });
    expect(secret.status).toBe(200);
    const email = `before-${Date.now()}@studio.example`;
    const { password } = await Visitor.withOrganization(stack.url, "Before", email);
    const before = { balance: await balance(), ledger: await ledger() };

    // People sign up, and another session works, while everything is being read.
    const folder = `${stack.data}.backups`;
    const key = path.join(folder, "key.txt");
    fs.mkdirSync(folder);
    const made = await command("backup", "key", "--out", key);
    const recipient = /STUDIO_BACKUP_RECIPIENT=(age1\S+)/.exec(made)?.[1] ?? "";
    const working = await api.createSession();
    const run = await api.send(working.id, "run `for i in 1 2 3 4 5 6; do date >> log.txt; sleep 0.3; done`");
    const [told] = await Promise.all([
      command("backup", "--data", stack.data, "--to", folder, "--recipient", recipient),
      Visitor.signUp(stack.url),
      api.finish(run),
    ]);
    const file = /^(\S+\.age): \d+ files/.exec(told)?.[1] ?? "";

    for (const name of SERVICES.toReversed()) await stack.kill(name);
    const lost = `${stack.data}.lost`;
    fs.renameSync(stack.data, lost);
    await command("restore", "--from", file, "--key", key, "--data", stack.data);
    // What a start makes again: the template of sandboxes, and what the runtime is told.
    for (const name of ["template", "convex.env"])
      fs.cpSync(path.join(lost, name), path.join(stack.data, name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    fs.rmSync(lost, { recursive: true });
    for (const name of SERVICES) await stack.restart(name);

    // People sign in as before, keys open, and the account is what it was; the ledger adds up.
    await Visitor.signIn(stack.url, { email, password });
    expect((await ledger()).slice(-before.ledger.length)).toEqual(before.ledger);
    const entries = await ledger();
    expect(await balance()).toBe(entries.reduce((sum, { delta_micro_usd: delta }) => sum + delta, 0));
    // Its sandbox is gone, which the next message finds, and goes on with what was saved.
    const next = await api.send(id, "run `cat a.txt; echo $TOKEN`");
    expect((await api.finish(next)).status).toBe("completed");
    const resumed = await api.session(id);
    expect(resumed.sandboxId).not.toBe(sandboxId);
    expect(resumed.agentSessionId).toBe(agentSessionId);
    const output = (await api.events(id)).find(
      ({ type, run_id: of }) => type === "tool.completed" && of === next,
    )?.payload.output;
    expect(output).toMatch(/^one[^]*kept/);
    fs.rmSync(folder, { recursive: true });
  },
);
