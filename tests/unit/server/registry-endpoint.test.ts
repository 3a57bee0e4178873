import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { fakeData } from "#tests/fake-data.ts";
import { REGISTRY_TOKEN, TokenRegistry } from "#tests/token-registry.ts";

const settings = {
  STUDIO_ALLOW_PRIVATE_URLS: true,
  STUDIO_AUTH_SECRET: "a-secret-for-tests",
  STUDIO_PUBLIC_URL: "http://studio.internal:3000",
};
vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => settings,
}));
const holder = { organizationId: "org", sandbox: "session" };
const found = new Map<string, object>();
const { data, names } = fakeData({
  "registries:ofToken": () => holder,
  "registries:sealed": ({ slug }) => found.get(String(slug)) ?? null,
});
vi.mock("../../../lib/server/convex/client.ts", () => ({ serviceData: () => data }));
// What is sealed here is sealed nowhere: the test says the credential itself.
vi.mock("../../../lib/server/keys/own-key.ts", () => ({
  opened: (work: () => unknown) => work(),
  openDataKey: () => Buffer.alloc(32),
}));
vi.mock("../../../lib/server/keys/envelope.ts", () => ({
  open: (_key: Buffer, _place: object, text: string) => text,
}));
const { registryEndpoint } = await import("#server/registries/endpoint.ts");

let server: TokenRegistry;
let round = 0;
beforeAll(async () => {
  server = await TokenRegistry.start();
});
afterAll(async () => await server.stop());
beforeEach(() => {
  server.mode = "open";
  server.seen.length = 0;
  server.strays.length = 0;
  settings.STUDIO_ALLOW_PRIVATE_URLS = true;
  round += 1;
  const common = {
    username: "",
    version: 1,
    ciphertext: REGISTRY_TOKEN,
    dataKey: { wrapped: "w", kekVersion: 1 },
  };
  found.clear();
  found.set(at("npm"), {
    slug: at("npm"),
    kind: "npm",
    url: `${server.url}/npm/`,
    scopes: ["@acme"],
    ...common,
  });
  found.set(at("py"), { slug: at("py"), kind: "pypi", url: `${server.url}/simple/`, scopes: [], ...common });
});

/** Registries are kept in memory for some seconds: each test has its own. */
const at = (name: string) => `${name}-${round}`;
const ask = async (tail: string, headers: Record<string, string> = { authorization: "Bearer t" }) =>
  await registryEndpoint(new Request(`http://127.0.0.1:3000/api/registry/${tail}`, { headers }));
const bytesOf = async (response: Response) => (await response.arrayBuffer()).byteLength;
const fileIn = (text: string) =>
  /http:\/\/studio\.internal:3000\/api\/registry\/([^"#]+)/.exec(text)?.[1] ?? "";

test("a package's files come through Studio, with the credential, and from elsewhere without it", async () => {
  const described = await ask(`${at("npm")}/@acme%2fthing`);
  expect(described.status).toBe(200);
  expect(described.headers.get("content-security-policy")).toContain("sandbox");
  const file = fileIn(await described.text());
  expect(await bytesOf(await ask(file))).toBeGreaterThan(100);
  // By its usual address, as a lockfile has it.
  expect(await bytesOf(await ask(`${at("npm")}/@acme/thing/-/thing-1.0.0.tgz`))).toBeGreaterThan(100);
  const moved = fileIn(await (await ask(`${at("npm")}/@acme%2fmoved`)).text());
  expect(await bytesOf(await ask(moved))).toBeGreaterThan(100);
  expect(server.strays).toEqual(["none"]);
  expect(server.seen.filter((one) => one.startsWith("out"))).toEqual([]);
  const page = await (await ask(`${at("py")}/thing/`)).text();
  expect(page).toContain("#sha256=0");
  expect(page).not.toContain(server.url);
  expect(await bytesOf(await ask(fileIn(page)))).toBeGreaterThan(100);
});

test("nothing but packages and their files is read, and only of a registry that is the organization's", async () => {
  const file = fileIn(await (await ask(`${at("py")}/thing/`)).text());
  const before = server.seen.length;
  for (const tail of [
    `${at("npm")}/-/whoami`,
    `${at("npm")}/is-number`,
    `${at("npm")}/@acme/..%2f..%2fwhoami`,
    `none/@acme%2fthing`,
    file.replace("moved-1.0.0", "moved-1.0.1"),
    file.replace(at("py"), at("npm")),
    `${at("npm")}/-/${"0".repeat(32)}/files/moved-1.0.0.tgz`,
    `${at("npm")}/-/${"0".repeat(32)}//evil.example/x.tgz`,
  ])
    expect((await ask(tail)).status, tail).toBe(404);
  expect(server.seen).toHaveLength(before);
  expect((await ask(`${at("npm")}/@acme%2fthing`, {})).status).toBe(401);
  const head = new Request(`http://127.0.0.1:3000/api/registry/${file}`, { method: "HEAD" });
  expect((await registryEndpoint(head)).status).toBe(405);
});

test("a registry that is down, refuses, has no such package or is private says so in a sentence", async () => {
  const sentence = async (tail: string) => {
    const answer = await ask(tail);
    const { error } = (await answer.json()) as { error: string };
    return `${answer.status} ${error}`;
  };
  const one = `${at("npm")}/@acme%2fthing`;
  expect(await sentence(`${at("npm")}/@acme%2fnone`)).toMatch(/^404 .*has no \/npm\/@acme%2fnone/);
  server.mode = "down";
  expect(await sentence(one)).toMatch(/^502 127\.0\.0\.1:\d+ can't be reached/);
  server.mode = "refuses";
  expect(await sentence(one)).toMatch(/^403 .*doesn't accept the credential of the registry/);
  expect(names()).toContain("registries:markRejected");
  settings.STUDIO_ALLOW_PRIVATE_URLS = false;
  const before = server.seen.length;
  expect(await sentence(one)).toMatch(/^403 /);
  expect(server.seen).toHaveLength(before);
});
