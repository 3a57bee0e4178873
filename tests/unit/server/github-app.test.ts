import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GitHubStandIn } from "#tests/github.ts";

vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => ({ STUDIO_ALLOW_PRIVATE_URLS: true }),
}));
const { forgetInstallation, installationToken, pemOf } = await import("#server/git/github-app.ts");

const TOKEN = "ghs_installation";
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const others = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = (key: typeof keys) => key.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
let host: GitHubStandIn;
let name = 0;

beforeEach(async () => {
  host = await GitHubStandIn.start(TOKEN);
  host.app = { id: "12", installation: "34", publicKey: keys.publicKey };
  name += 1;
});
afterEach(async () => await host.stop());

const ask = async (more: object = {}) =>
  await installationToken(String(name), {
    appId: "12",
    installationId: "34",
    privateKey: pem(keys),
    apiUrl: host.url,
    ...more,
  });
const asked = () => host.seen.filter((line) => line.endsWith("/access_tokens")).length;

test("a token is made with the app's key, and made again shortly before it ends", async () => {
  expect(await ask()).toBe(TOKEN);
  expect(await ask()).toBe(TOKEN);
  expect(asked()).toBe(1);
  forgetInstallation(String(name));
  host.appTokenMs = 60_000;
  expect(await ask()).toBe(TOKEN);
  expect(asked()).toBe(3);
  host.appTokenMs = 60 * 60_000;
  await ask();
  await ask();
  expect(asked()).toBe(4);
});

test("a token of another key or installation is not taken for it", async () => {
  await ask();
  host.app = { id: "12", installation: "35", publicKey: others.publicKey };
  await expect(ask({ privateKey: pem(others) })).rejects.toMatchObject({
    besides: { kind: "git_app_not_installed" },
  });
  expect(await ask({ privateKey: pem(others), installationId: "35" })).toBe(TOKEN);
});

test.each<[string, object, object, string]>([
  ["a wrong key", { privateKey: pem(others) }, {}, "git_app_key"],
  ["another app", { appId: "13" }, {}, "git_app_not_installed"],
  ["no such installation", { installationId: "35" }, {}, "git_app_not_installed"],
  ["a suspended one", {}, { isSuspended: true }, "git_app_suspended"],
  [
    "what is no key",
    { privateKey: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" },
    {},
    "git_app_key_malformed",
  ],
  ["nobody there", { apiUrl: "http://127.0.0.1:1" }, {}, "git_unreachable"],
])("%s is told by kind, without the key", async (_, given, app, kind) => {
  host.app = { ...host.app!, ...app };
  const failed = await ask(given).catch((error: unknown) => error);
  expect(failed).toMatchObject({ besides: { kind } });
  expect(JSON.stringify(failed)).not.toContain("PRIVATE");
  // It is asked again the next time.
  host.app = { id: "12", installation: "34", publicKey: keys.publicKey };
  expect(await ask()).toBe(TOKEN);
});

test("a key of another kind is refused before it is sent", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const text = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  expect(() => pemOf(text)).toThrow(/RSA key/);
  expect(pemOf(pem(keys))).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});
