import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Session } from "#domain/session.ts";
import { Api, until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { freePorts } from "#tests/free-ports.ts";
import { alive, Start, type Watched } from "#tests/start.ts";
import { Visitor } from "#tests/visitor.ts";

const FIELDS = ["apiKey", "email", "organizationId", "password", "url"];
const FLAGS = ["port", "convex-port", "site-port", "sandbox-port", "model-port", "preview-port"];
const READY = /Studio is ready after [\d.]+ s: {2}http:\/\/localhost:\d+/;

let temp: string;
let data: string;
let ports: number[];
let studio: Start;
let session: Session;
const started: Start[] = [];

type Credentials = Record<"url" | "email" | "password" | "organizationId" | "apiKey", string>;
const file = () => path.join(data, "credentials.json");
const credentials = () => JSON.parse(fs.readFileSync(file(), "utf8")) as Credentials;
const apiWith = (key: string) => Api.withKey(`http://127.0.0.1:${ports[0]}`, key);
const api = () => apiWith(credentials().apiKey);

function start(folder: string, onPorts: number[], ...more: string[]): Start {
  const flags = FLAGS.flatMap((flag, index) => [`--${flag}`, String(onPorts[index])]);
  const made = new Start(["--data", folder, ...flags, ...more]);
  started.push(made);
  return made;
}

async function startAgain(...more: string[]): Promise<void> {
  studio = start(data, ports, ...more);
  await studio.says(READY);
}

const mainOf = (of: Start) => descendantsWith(of.pid, "lib/cli/up/main.ts")[0] ?? 0;

async function expectNoneLeft(tree: Watched[]): Promise<void> {
  await until("the end of every process", async () => alive(tree).length === 0, 15_000);
}

async function sessionIds(): Promise<string[]> {
  const listed = await api().call<{ sessions: Session[] }>("GET", "/api/studio/sessions");
  expect(listed.status).toBe(200);
  return listed.body.sessions.map(({ id }) => id);
}

beforeAll(async () => {
  temp = fs.mkdtempSync(path.join(os.tmpdir(), "studio-start-"));
  data = path.join(temp, "data");
  ports = await freePorts(6);
  await startAgain();
});
afterAll(async () => {
  for (const one of started) await one.cleanUp();
  fs.rmSync(temp, { recursive: true, force: true });
});

describe("npm start, from the first to the last, in this order", () => {
  test("shows each step with its seconds, then the address and the sign-in", () => {
    const steps = ["dependencies", "build", "template", "data", "sandboxes", "demo model", "web"];
    for (const name of [...steps, "organization"])
      expect(studio.output).toMatch(new RegExp(`^ {2}${name} .* \\d+\\.\\d s$`, "m"));
    const { email, password, url } = credentials();
    expect(url).toBe(`http://localhost:${ports[0]}`);
    expect(studio.output).toContain(`s:  ${url}\n`);
    expect(studio.output).toContain(`Sign in as ${email} with ${password}\n`);
    expect(studio.output).toContain("credentials.json");
    expect(studio.output).toMatch(/^ {2}Sandboxes: at most \d+ at once, none kept warm/m);
  });

  test("notes a way in that works, for nobody else to read", async () => {
    expect(Object.keys(credentials()).toSorted()).toEqual(FIELDS);
    for (const name of ["credentials.json", "secrets.json", "convex.env"])
      expect(fs.statSync(path.join(data, name)).mode & 0o777, name).toBe(0o600);
    expect(fs.statSync(data).mode & 0o777).toBe(0o700);
    await Visitor.signIn(credentials().url, credentials());
    session = await api().createSession();
    expect(session.status).toBe("ready");
    expect(await sessionIds()).toEqual([session.id]);
  });

  test("a second start on the same data is refused, and changes nothing", async () => {
    const before = credentials();
    const otherPorts = await freePorts(6);
    for (const second of [start(data, ports), start(data, otherPorts), start(data, otherPorts, "--reset")]) {
      expect(await second.ended).toBe(1);
      expect(second.output).toContain(`Studio did not start: it runs already on ${data} (process `);
      expect(second.output).not.toContain("in use");
    }
    expect(credentials()).toEqual(before);
    expect(await sessionIds()).toEqual([session.id]);
  });

  test("a busy port is named with the flag that changes it, and nothing is left behind", async () => {
    const folder = path.join(temp, "busy");
    const free = await freePorts(6);
    for (const [index, flag] of FLAGS.entries()) {
      const mixed = free.with(index, ports[index] ?? 0);
      const refused = start(folder, mixed);
      expect(await refused.ended).toBe(1);
      expect(refused.output).toContain(
        `Studio did not start: port ${ports[index]} is in use. Choose another one: npm start -- --${flag} `,
      );
      expect(alive(refused.tree())).toEqual([]);
    }
    expect(fs.existsSync(folder)).toBe(false);
  });

  test("a service that is killed comes back, later each time, and a line says so", async () => {
    const kill = async (name: string, command: string, wait: string) => {
      const from = studio.output.length;
      const [pid] = descendantsWith(studio.pid, command);
      process.kill(pid ?? 0, "SIGKILL");
      await studio.says(new RegExp(`${name} ended \\(SIGKILL\\); starting it again in ${wait} s`), { from });
      await studio.says(new RegExp(`${name} is back\\.`), { from, timeoutMs: 30_000 });
    };
    await kill("demo model", "lib/demo-model/main.ts", "0.5");
    await kill("demo model", "lib/demo-model/main.ts", "1");
    await kill("data", "lib/runtime/main.mjs", "0.5");
    expect(await sessionIds()).toEqual([session.id]);
    expect((await api().finish(await api().send(session.id, "list files"))).status).toBe("completed");
  });

  test("Ctrl-C ends everything, the sandboxes too", async () => {
    expect(descendantsWith(studio.pid, "opencode acp")).not.toEqual([]);
    const tree = studio.tree();
    studio.interrupt();
    expect(await studio.ended).toBe(0);
    expect(studio.output).toContain("Ending everything");
    expect(alive(tree)).toEqual([]);
    expect(fs.existsSync(path.join(data, "studio.pid"))).toBe(false);
    // SEC-15: a copy of the one file has all accounts.
    expect(fs.existsSync(path.join(data, "auth.db-wal"))).toBe(false);
    expect(fs.statSync(path.join(data, "auth.db")).size).toBeGreaterThan(20_000);
  });

  test("the next start finds all data again", async () => {
    const before = credentials();
    await startAgain();
    expect(studio.output).toMatch(/^ {2}organization +found/m);
    expect(credentials()).toEqual(before);
    expect(await sessionIds()).toEqual([session.id]);
  });

  test("where the supervisor is killed, its services end", async () => {
    const tree = studio.tree();
    process.kill(mainOf(studio), "SIGKILL");
    expect(await studio.ended).toBe(1);
    expect(studio.output).toContain("its supervisor was ended by SIGKILL");
    await expectNoneLeft(tree);
  });

  test("a way in that was only half noted is completed, for the same person", async () => {
    const { url, email, password, organizationId, apiKey } = credentials();
    fs.writeFileSync(file(), JSON.stringify({ url, email, password }), { mode: 0o600 });
    await startAgain();
    expect(studio.output).toMatch(/^ {2}organization +made/m);
    expect(credentials()).toMatchObject({ url, email, password, organizationId });
    expect(credentials().apiKey).not.toBe(apiKey);
    expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
    expect(await sessionIds()).toEqual([session.id]);
  });

  test("where the command itself is killed, everything below it ends", async () => {
    const tree = studio.tree();
    process.kill(studio.pid, "SIGKILL");
    await expectNoneLeft(tree);
  });

  test("--reset starts over, and what a start cut short has left undone the next one does", async () => {
    const before = credentials();
    const cut = start(data, ports, "--reset");
    const draft = path.join(data, "first-owner.json");
    await until("the owner's password to be noted", async () => fs.existsSync(draft));
    expect(fs.existsSync(file())).toBe(false);
    const tree = cut.tree();
    process.kill(mainOf(cut), "SIGKILL");
    await expectNoneLeft(tree);
    const half = JSON.parse(fs.readFileSync(draft, "utf8")) as Credentials;
    await startAgain();
    expect(credentials()).toMatchObject({ email: half.email, password: half.password });
    expect(Object.keys(credentials()).toSorted()).toEqual(FIELDS);
    expect(await sessionIds()).toEqual([]);
    expect((await apiWith(before.apiKey).call("GET", "/api/studio/sessions")).status).toBe(401);
    await Visitor.signIn(credentials().url, credentials());
    studio.child.kill("SIGTERM");
    expect(await studio.ended).toBe(0);
  });
});
