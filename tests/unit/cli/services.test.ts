import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkPublic, parseOptions } from "#cli/up/options.ts";
import { loadSecrets } from "#cli/up/secrets.ts";
import { services } from "#cli/up/services.ts";

let data: string;
beforeEach(() => {
  data = fs.mkdtempSync(path.join(os.tmpdir(), "studio-services-"));
  for (const name of ["XAI_API_KEY", "OPENROUTER_API_KEY", "STUDIO_WELCOME_MICRO_USD"])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(data, { recursive: true, force: true });
});

const started = (...options: string[]) =>
  services(parseOptions(["--data", data, ...options]), loadSecrets(data), process.cwd());
const welcome = () => started().find(({ name }) => name === "web")?.env.STUDIO_WELCOME_MICRO_USD;

test("SEC-7, CODE-12: no secret is among a service's arguments, which every user of the machine may read", () => {
  const all = started();
  const secrets = Object.values(loadSecrets(data)).map((secret) =>
    typeof secret === "string" ? secret : JSON.stringify(secret),
  );
  const words = all.flatMap(({ args }) => args).join(" ");
  for (const secret of secrets) expect(words).not.toContain(secret);
  // They are there, by another way.
  const environments = JSON.stringify(all.map(({ env }) => env));
  expect(environments).toContain(loadSecrets(data).convexAdminKey);
  expect(environments).toContain(loadSecrets(data).sandboxApiKey);
});

test("SEC-9: welcome credits are for trying the demo model, and what the operator says holds", () => {
  expect(welcome()).toBe("5000000");
  vi.stubEnv("XAI_API_KEY", "xai-real");
  expect(welcome()).toBe("0");
  vi.stubEnv("STUDIO_WELCOME_MICRO_USD", "7");
  expect(welcome()).toBe("7");
});

test("with a port for it a worker carries the sessions, and the web server none", () => {
  const engines = (all: ReturnType<typeof started>) =>
    all.flatMap(({ name, env }) =>
      env.STUDIO_ENGINE === undefined ? [] : [`${name}: ${env.STUDIO_ENGINE}`],
    );
  expect(engines(started())).toEqual([]);
  const all = started("--worker-port", "3999");
  expect(engines(all)).toEqual(["web: external", "worker: external"]);
  expect(all.at(-1)).toMatchObject({ name: "worker", readyUrl: "http://127.0.0.1:3999/health" });
});

test("behind a proxy of the operator's, what only fits one's own machine is off", () => {
  vi.stubEnv("STUDIO_TRUSTED_PROXIES", undefined);
  const web = (...options: string[]) => started(...options).find(({ name }) => name === "web")!.env;
  expect(web()).toMatchObject({
    STUDIO_PUBLIC_URL: "http://localhost:3000",
    STUDIO_ALLOW_PRIVATE_URLS: "true",
  });
  const env = web("--public-url", "https://studio.example.com/");
  expect(env).toMatchObject({ STUDIO_PUBLIC_URL: "https://studio.example.com", STUDIO_TRUSTED_PROXIES: "1" });
  expect(env.STUDIO_ALLOW_PRIVATE_URLS).toBeUndefined();
  expect(env.STUDIO_PREVIEW_URL).toBeUndefined();
  for (const wrong of [
    "studio.example.com",
    "http://studio.example.com",
    "https://studio.example.com/studio",
  ])
    expect(() => parseOptions(["--public-url", wrong])).toThrow("--public-url");
});

test("a public address needs what others need to reach, and leave for strangers to sign in", () => {
  const options = parseOptions(["--public-url", "https://studio.example.com"]);
  const whole = {
    CONVEX_PUBLIC_URL: "https://convex.example.com",
    CONVEX_PUBLIC_SITE_URL: "https://sites.example.com",
    STUDIO_EMBEDDED_AUTH_PUBLIC: "true",
  };
  expect(() => checkPublic(options, whole)).not.toThrow();
  expect(() => checkPublic(parseOptions([]), {})).not.toThrow();
  for (const name of Object.keys(whole))
    expect(() => checkPublic(options, { ...whole, [name]: "" })).toThrow(name);
});

test("what the operator declares public, and the certificates, reach the sandbox host", () => {
  const ca = path.join(data, "ca.pem");
  fs.writeFileSync(ca, "x");
  const words = (...options: string[]) =>
    started(...options)
      .find(({ name }) => name === "sandboxes")
      ?.args.join(" ") ?? "";
  expect(words()).not.toMatch(/--public-address|--ca/);
  const given = ["--public-address", "10.20.0.0/16", "--public-address", "fd00::/32", "--sandbox-ca", ca];
  expect(words(...given)).toContain(`--public-address 10.20.0.0/16 --public-address fd00::/32 --ca ${ca}`);
  for (const wrong of ["10.0.0.1", "10.0.0.0/40", "mirror.example/8", ""])
    expect(() => started("--public-address", wrong)).toThrow(/--public-address/);
  expect(() => started("--sandbox-ca", path.join(data, "none.pem"))).toThrow(
    /--sandbox-ca: there is no file/,
  );
});
