import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { logout, org } from "#cli/struere/account.ts";
import { readCredentials, settingsOf } from "#cli/struere/credentials.ts";
import { loginByPerson } from "#cli/struere/login.ts";
import { Remote } from "#cli/struere/remote.ts";
import { api } from "#convex/_generated/api.js";
import { COMMAND_LOGIN } from "#domain/command-login.ts";
import { hashOf, member, type Member } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const HANDOVER = "handed-over";

let server: http.Server;
let home: string;
let opened = 0;

/** Studio's routes of a login and its site, over this test's database. */
beforeEach(async () => {
  home = await fs.mkdtemp(path.join(os.tmpdir(), "struere-login-"));
  server = http.createServer((request, response) => {
    void answer(request.url ?? "/", request.headers, sentIn(request)).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  vi.useRealTimers();
  await fs.rm(home, { recursive: true });
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const sentIn = async (request: http.IncomingMessage) =>
  JSON.parse(await readAll(request)) as Record<string, string>;

const problem = (error: unknown) => {
  const { code, message } = (error as { data: { code: string; message: string } }).data;
  const status = { not_found: 404, rate_limited: 429 }[code] ?? 400;
  return { status, body: { status, code, detail: message } };
};

async function answer(
  url: string,
  headers: http.IncomingHttpHeaders,
  given: Promise<Record<string, string>>,
): Promise<{ status: number; body: unknown }> {
  const sent = await given;
  try {
    if (url === "/api/v1/command-logins") {
      opened += 1;
      const code = `BCDF-GHJ${opened % 2 === 0 ? "K" : "L"}`;
      const { flow, machine, environment, key_hash: keyHash, key_last4: keyLast4 } = sent as never;
      const secretHash = sha256(`secret${opened}`);
      await db.service.mutation(api.commandLogins.begin, {
        secretHash,
        code,
        flow,
        machine,
        environment,
        keyHash,
        keyLast4,
      });
      const expires_at = new Date(Date.now() + COMMAND_LOGIN.openMs).toISOString();
      const page = `${address()}/authorize`;
      return { status: 201, body: { secret: `secret${opened}`, code, page, poll_ms: 10, expires_at } };
    }
    if (url === "/api/v1/command-logins/claim") {
      const found = await db.service.mutation(api.commandLogins.claim, {
        secretHash: sha256(sent.secret ?? ""),
        ...(sent.handover !== undefined && { handoverHash: sha256(sent.handover) }),
      });
      const { expiresAt, ...rest } = found as { expiresAt?: number };
      const expires_at = new Date(expiresAt ?? 0).toISOString();
      return { status: 200, body: { ...rest, expires_at, site_url: address() } };
    }
  } catch (error) {
    return problem(error);
  }
  const response = await db.t.fetch(url, {
    method: "POST",
    headers: { authorization: headers.authorization ?? "", "user-agent": headers["user-agent"] ?? "" },
    body: JSON.stringify(sent),
  });
  return { status: response.status, body: await response.json() };
}

const decide = async (who: Member, code: string, approve: boolean) =>
  await db.service.mutation(api.commandLogins.decide, {
    actor: who.actor,
    code,
    approve,
    handoverHash: sha256(HANDOVER),
  });

/** Logs in as the command does; `decides` is the person, once they see the code. */
async function login(
  decides: (told: { code: string; page: URL | undefined }) => Promise<unknown>,
  {
    device = true,
    environment = "development",
  }: { device?: boolean; environment?: "development" | "production" } = {},
) {
  let doing: Promise<unknown> | undefined;
  const lines: string[] = [];
  const decideOnce = (page?: URL) => {
    const code = /[B-Z2-9]{4}-[B-Z2-9]{4}/.exec(lines.join("\n"))?.[0] ?? "";
    doing = decides({ code, page });
  };
  try {
    return await loginByPerson({
      studio: address(),
      settings: { HOME: home },
      environment,
      device,
      say: (line) => {
        lines.push(line);
        if (device && /^ {2}/.test(line)) decideOnce();
      },
      open: (page) => decideOnce(new URL(page)),
    });
  } finally {
    await doing;
  }
}

const folder = () => path.join(home, "project");
const remote = async (environment?: string) =>
  new Remote(await settingsOf(folder(), { HOME: home }, environment));

test("a code that a person confirms makes a key, which logout revokes", async () => {
  const report = await login(async ({ code }) => await decide(ada, code, true));
  expect(report).toMatchObject({ exitCode: 0, json: { environment: "development" } });
  const file = path.join(home, ".struere/credentials.json");
  expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
  expect((await fs.stat(path.dirname(file))).mode & 0o077).toBe(0);
  expect(await (await remote()).state()).toMatchObject({ role: "admin", read_only: null });
  const entries = await ada.as.query(api.audit.list, { paginationOpts: { numItems: 10, cursor: null } });
  expect(entries.page.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["command_login.approved", "api_key.created"]),
  );

  const key = (await readCredentials({ HOME: home })).logins[0]!;
  const given = { folder: folder(), environment: { HOME: home }, named: undefined };
  expect((await logout({ ...given, force: false })).lines[0]).toContain("the key is revoked");
  await expect(
    new Remote({ STRUERE_API_KEY: key.key, STRUERE_CONVEX_SITE_URL: address() }).state(),
  ).rejects.toMatchObject({ exitCode: 4 });
  expect((await readCredentials({ HOME: home })).logins).toEqual([]);
  expect((await logout({ ...given, force: false })).lines).toEqual(["There was no login."]);
});

test("a browser brings the login back to the command, with the command's own word", async () => {
  const bring = async (page: URL, query: Record<string, string>, host?: string) => {
    const url = `http://127.0.0.1:${page.searchParams.get("port")}/callback?${new URLSearchParams(query).toString()}`;
    return await new Promise<number>((resolve, reject) => {
      http
        .get(url, { headers: host === undefined ? {} : { host } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
        .on("error", reject);
    });
  };
  await login(
    async ({ code, page }) => {
      expect(page!.searchParams.get("code")).toBe(code);
      const state = page!.searchParams.get("state")!;
      await decide(ada, code, true);
      expect(await bring(page!, { handover: HANDOVER, state: "guessed" })).toBe(400);
      expect(await bring(page!, { handover: HANDOVER, state }, "evil.example")).toBe(400);
      expect(await bring(page!, { handover: HANDOVER, state })).toBe(200);
    },
    { device: false },
  );
  expect(await (await remote()).state()).toMatchObject({ role: "admin" });
});

test("a browser's login that is not brought back makes no key", async () => {
  await db.service.mutation(api.commandLogins.begin, {
    secretHash: sha256("theirs"),
    code: "BCDF-GHJM",
    flow: "browser",
    machine: "m",
    environment: "development",
    keyHash: hashOf("theirs"),
    keyLast4: "heir",
  });
  await decide(ada, "BCDF-GHJM", true);
  const claim = async (handoverHash?: string) =>
    await db.service.mutation(api.commandLogins.claim, {
      secretHash: sha256("theirs"),
      ...(handoverHash !== undefined && { handoverHash }),
    });
  expect(await claim()).toEqual({ status: "pending" });
  await expect(claim(sha256("guessed"))).rejects.toMatchObject({ data: { code: "not_found" } });
  expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("theirs") })).toBeNull();
  await expect(claim()).rejects.toMatchObject({ data: { code: "rate_limited" } });
});

test("who declines, or is too late, gives no key; and nobody decides for another", async () => {
  await expect(login(async ({ code }) => await decide(ada, code, false))).rejects.toMatchObject({
    exitCode: 4,
    message: "The login was declined.",
  });
  const eve = await member(db, "eve");
  await login(async ({ code }) => {
    await decide(ada, code, true);
    for (const who of [ada, eve])
      await expect(decide(who, code, false)).rejects.toMatchObject({
        data: { code: who === ada ? "already_decided" : "not_found" },
      });
  });
  await expect(decide(ada, "BCDF-GHJZ", true)).rejects.toMatchObject({ data: { code: "not_found" } });
  await expect(decide(ada, "bad code", true)).rejects.toMatchObject({ data: { code: "invalid_request" } });
});

test("a viewer's login only reads; one for production changes nothing for a member", async () => {
  const vic = await member(db, "vic", "viewer");
  await login(async ({ code }) => await decide(vic, code, true), { environment: "production" });
  const state = await (await remote("production")).state();
  expect(state).toMatchObject({ role: "viewer", environment: "production" });
  expect(state.read_only).toContain("project:write");
  await expect((await remote("production")).push({ base_revision: 0 })).rejects.toMatchObject({
    exitCode: 4,
  });
});

test("a login expires with its own exit code, and a key can't confirm one", async () => {
  await login(async ({ code }) => await decide(ada, code, true));
  const { logins } = await readCredentials({ HOME: home });
  vi.useFakeTimers({ now: Date.now() + COMMAND_LOGIN.keyMs + 1_000, toFake: ["Date"] });
  await expect((await remote()).state()).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining("struere login"),
  });
  expect(logins[0]!.expiresAt).not.toBeNull();
  const given = { folder: folder(), environment: { HOME: home }, named: undefined, force: false };
  expect((await logout(given)).lines[0]).toContain("no longer valid");
});

test("organizations are chosen by hand, and by the folder", async () => {
  await login(async ({ code }) => await decide(ada, code, true));
  const eve = await member(db, "eve");
  await login(async ({ code }) => await decide(eve, code, true));
  const given = { folder: folder(), environment: { HOME: home }, named: undefined };
  const listed = (await org(given, ["list"])).lines;
  expect(listed.map((line) => line[0])).toEqual([" ", "*"]);
  const [first, second] = (await readCredentials({ HOME: home })).logins;
  const now = async () => (await (await remote()).state()).organization.id;
  expect(await now()).toBe(second!.organization.id);
  await org(given, ["use", first!.organization.slug]);
  expect(await now()).toBe(first!.organization.id);
  await fs.mkdir(folder());
  const own = { version: "2.0", organization: second!.organization };
  await fs.writeFile(path.join(folder(), "struere.json"), JSON.stringify(own));
  expect(await now()).toBe(second!.organization.id);
  await expect(org(given, ["use", "nobody"])).rejects.toMatchObject({ exitCode: 4 });
  await expect(org(given, ["drop"])).rejects.toMatchObject({ exitCode: 2 });
});

test("strangers' logins are bounded in number, and go when they are over", async () => {
  const begin = async (n: number) =>
    await db.service.mutation(api.commandLogins.begin, {
      secretHash: sha256(`s${n}`),
      code: `BCDF-${String(n).padStart(4, "0")}`,
      flow: "device",
      machine: "m",
      environment: "development",
      keyHash: sha256(`k${n}`),
      keyLast4: "kkkk",
    });
  for (let n = 0; n < COMMAND_LOGIN.maxOpen; n += 1) await begin(n);
  await expect(begin(1_000)).rejects.toMatchObject({ data: { code: "rate_limited" } });
  vi.useFakeTimers({ now: Date.now() + COMMAND_LOGIN.openMs + 1_000, toFake: ["Date"] });
  expect(await begin(1_001)).toBe(true);
  expect(await begin(1_001)).toBe(false);
});
