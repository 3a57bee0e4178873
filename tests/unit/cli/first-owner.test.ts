import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ownerIn } from "#cli/up/accounts.ts";
import { firstOwner, tellWayIn } from "#cli/up/first-owner.ts";

let data: string;
let url: string;
let studio: http.Server;
/** Passwords by address, as the server has them. */
let people: Map<string, string>;
let hasOrganization: boolean;
/** How often the key is refused before it is taken. */
let refusals: number;
/** Whether `credentials.json` was there while its key was still refused. */
let wasEarly: boolean;

const file = () => path.join(data, "credentials.json");
const noted = () => JSON.parse(fs.readFileSync(file(), "utf8")) as Record<string, string | undefined>;

/** What Better Auth leaves behind. */
function writeAccounts(): void {
  const database = new DatabaseSync(path.join(data, "auth.db"));
  database.exec(`CREATE TABLE IF NOT EXISTS user (id TEXT, email TEXT, createdAt TEXT);
    CREATE TABLE IF NOT EXISTS member (userId TEXT, role TEXT); DELETE FROM user; DELETE FROM member;`);
  for (const email of people.keys()) {
    database.prepare("INSERT INTO user VALUES (?, ?, '2026')").run(email, email);
    if (hasOrganization) database.prepare("INSERT INTO member VALUES (?, 'owner')").run(email);
  }
  database.close();
}

function answer(address: string, body: Record<string, string>): [number, object] {
  const { email = "", password = "" } = body;
  if (address === "/api/auth/sign-up/email") {
    if (people.has(email)) return [422, { code: "USER_ALREADY_EXISTS" }];
    people.set(email, password);
    writeAccounts();
    return [200, {}];
  }
  if (address === "/api/auth/sign-in/email") return people.get(email) === password ? [200, {}] : [401, {}];
  if (address === "/api/auth/organization/create") {
    if (hasOrganization) return [400, {}];
    hasOrganization = true;
    writeAccounts();
    return [200, {}];
  }
  const key = { id: "k", name: "First key", environment: "development", scopes: [], last4: "abcd" };
  return [
    201,
    {
      ...key,
      key: "sk_studio_first",
      organization_id: "o1",
      created_at: "2026-01-01T00:00:00.000Z",
      last_used_at: null,
      expires_at: null,
      revoked_at: null,
    },
  ];
}

beforeEach(async () => {
  data = fs.mkdtempSync(path.join(os.tmpdir(), "studio-owner-"));
  people = new Map();
  hasOrganization = false;
  refusals = 3;
  wasEarly = false;
  studio = http.createServer((request, response) => {
    const reply = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.method === "GET") {
      wasEarly ||= fs.existsSync(file());
      refusals -= 1;
      return reply(refusals >= 0 ? 401 : 200, {});
    }
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString()));
    request.on("end", () => reply(...answer(request.url ?? "", JSON.parse(text) as Record<string, string>)));
  });
  await new Promise<void>((resolve) => studio.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(studio.address() as AddressInfo).port}`;
});
afterEach(() => {
  studio.close();
  fs.rmSync(data, { recursive: true, force: true });
});

describe("SEC-10: the first owner's way in", () => {
  test("is noted once the key opens what it should, for its owner alone to read", async () => {
    const way = await firstOwner(data, url);
    expect(way.kind).toBe("made");
    expect({ refusals: Math.min(refusals, 0), wasEarly }).toEqual({ refusals: -1, wasEarly: false });
    expect(noted()).toMatchObject({ url, email: "owner@studio.example", apiKey: "sk_studio_first" });
    expect(noted().password).toBe(people.get("owner@studio.example"));
    expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(data).toSorted()).toEqual(["auth.db", "credentials.json"]);
    expect(tellWayIn(way, ".studio").join("\n")).toContain(`with ${noted().password}`);
  });

  test("a start that was cut short goes on with the person that it had noted", async () => {
    const draft = { email: "owner@studio.example", password: "noted before" };
    fs.writeFileSync(path.join(data, "first-owner.json"), JSON.stringify(draft));
    people.set(draft.email, draft.password);
    writeAccounts();
    expect(await firstOwner(data, url)).toMatchObject({ kind: "made", ...draft });
    expect(noted()).toMatchObject(draft);
  });

  test.each([
    ["missing", null],
    ["damaged", "{"],
    ["damaged", '{"email":3}'],
    ["damaged", '{"email":"owner@studio.example","password":"wrong"}'],
  ] as const)("one that is %s keeps nobody from the data, and is left alone (%s)", async (what, text) => {
    people.set("ada@studio.example", "her own");
    hasOrganization = true;
    writeAccounts();
    if (text !== null) fs.writeFileSync(file(), text);
    const way = await firstOwner(data, url);
    expect(way).toMatchObject({ kind: "unknown", email: "ada@studio.example", file: what });
    expect(fs.existsSync(file()) ? fs.readFileSync(file(), "utf8") : null).toBe(text);
    expect(people.size).toBe(1);
    const told = tellWayIn(way, "/data").join("\n");
    expect(told).toContain(`/data/credentials.json is ${what}`);
    expect(told).toContain("npm run reset-password -- ada@studio.example --data /data");
  });

  test("a damaged note over no data is written again", async () => {
    fs.writeFileSync(file(), "{");
    expect((await firstOwner(data, url)).kind).toBe("made");
    expect(noted().apiKey).toBe("sk_studio_first");
  });

  test("a password that was changed is never printed, and dropped from the note", async () => {
    await firstOwner(data, url);
    const old = noted().password ?? "";
    const again = await firstOwner(data, url);
    expect(again.kind).toBe("noted");
    expect(tellWayIn(again, ".studio").join("\n")).not.toContain(old);
    people.set("owner@studio.example", "another one");
    for (let start = 0; start < 2; start += 1) {
      const way = await firstOwner(data, url);
      expect(way.kind).toBe("changed");
      const told = tellWayIn(way, ".studio").join("\n");
      expect(told).not.toContain(old);
      expect(told).toContain("npm run reset-password -- owner@studio.example");
      expect(noted()).toEqual({
        url,
        email: "owner@studio.example",
        organizationId: "o1",
        apiKey: "sk_studio_first",
      });
    }
  });
});

test("SEC-10: an owner is found before anybody else, and in no fresh folder", () => {
  expect(ownerIn(data)).toBeNull();
  new DatabaseSync(path.join(data, "auth.db")).close();
  expect(ownerIn(data)).toBeNull();
  const database = new DatabaseSync(path.join(data, "auth.db"));
  database.exec(`CREATE TABLE user (id TEXT, email TEXT, createdAt TEXT); CREATE TABLE member (userId TEXT, role TEXT);
    INSERT INTO user VALUES ('1', 'first@x', '1'), ('2', 'owner@x', '2'); INSERT INTO member VALUES ('1', 'admin'), ('2', 'owner,admin');`);
  database.close();
  expect(ownerIn(data)).toBe("owner@x");
});

test("an owner is found although a server writes at that moment", async () => {
  people = new Map([["me@example.com", "secret"]]);
  writeAccounts();
  const writer = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(workerData);
    database.exec("BEGIN EXCLUSIVE");
    parentPort.postMessage("locked");
    setTimeout(() => database.exec("COMMIT"), 200);`,
    { eval: true, workerData: path.join(data, "auth.db") },
  );
  await once(writer, "message");
  expect(ownerIn(data)).toBe("me@example.com");
  await once(writer, "exit");
});
