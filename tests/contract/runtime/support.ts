import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { ConvexClient } from "convex/browser";

export const ADMIN_KEY = "admin|test";
export const ISSUER = "https://issuer.test";
const START_TIMEOUT_MS = 20_000;

export interface Served {
  url: string;
  siteUrl: string;
  child: ChildProcess;
  stderr: () => string;
  /** SIGTERM; resolves with the exit code. */
  stop: () => Promise<number | null>;
  kill: () => Promise<void>;
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "runtime-test-"));
}

/** Writes a folder's files by their relative paths. */
export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

/** Runs the real `main.ts` and collects what it says until it exits. */
export async function runMain(args: string[]): Promise<{ code: number | null; stderr: string }> {
  // Without the "--" Node looks for an --env-file among the program's arguments, too, and ends if it is missing.
  const child = spawn(process.execPath, ["--", "lib/runtime/main.mjs", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stderr };
}

export async function serve(options: {
  data: string;
  dir?: string;
  envFile?: string;
  port?: number;
  sitePort?: number;
  extra?: string[];
}): Promise<Served> {
  const flags = {
    dir: options.dir ?? "tests/fixtures/convex-app",
    data: options.data,
    port: String(options.port ?? 0),
    "site-port": String(options.sitePort ?? 0),
    "admin-key": ADMIN_KEY,
    ...(options.envFile === undefined ? {} : { "env-file": options.envFile }),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  args.push(...(options.extra ?? []));
  const child = spawn(process.execPath, ["lib/runtime/main.mjs", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, "close") as Promise<[number | null]>;
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the runtime did not start: ${stderr}`)),
      START_TIMEOUT_MS,
    );
    child.stdout.once("data", (chunk: Buffer) => {
      clearTimeout(timer);
      resolve(chunk.toString());
    });
    child.once("close", () => {
      clearTimeout(timer);
      reject(new Error(`the runtime ended: ${stderr}`));
    });
  });
  const { url, siteUrl } = JSON.parse(line) as { url: string; siteUrl: string };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    url,
    siteUrl,
    child,
    stderr: () => stderr,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

/** A project's folder in which the `convex` package's command runs. */
export function makeProject(folder: string): void {
  fs.writeFileSync(path.join(folder, "package.json"), '{"dependencies":{"convex":"1.48.0"}}');
  fs.mkdirSync(path.join(folder, "convex"));
  fs.symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
}

/** The command line of the unmodified `convex` package against a runtime, by the admin key. */
export function convexCommand({ url }: Served, ...args: string[]): string[] {
  return [path.resolve("node_modules/convex/bin/main.js"), ...args, "--url", url, "--admin-key", ADMIN_KEY];
}

/** What such a command writes to stdout. Rejects with what it writes to stderr if it fails. */
export async function runConvex(served: Served, folder: string, ...args: string[]): Promise<string> {
  const command = convexCommand(served, ...args);
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder });
  return stdout.trim();
}

/** An issuer with a key of its own, and an env file that makes the app trust it. */
export async function makeIssuer(folder: string) {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "test", alg: "ES256", use: "sig" };
  const jwks = Buffer.from(JSON.stringify({ keys: [jwk] })).toString("base64");
  const envFile = path.join(folder, "app.env");
  fs.writeFileSync(
    envFile,
    `# a comment\nTEST_SETTING="hello there"\nTEST_JWKS=data:text/plain;charset=utf-8;base64,${jwks}\n`,
  );
  const sign = (
    claims: Record<string, unknown>,
    options: { expiresIn?: string; issuer?: string; audience?: string } = {},
  ) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "test" })
      .setIssuer(options.issuer ?? ISSUER)
      .setAudience(options.audience ?? "convex")
      .setSubject("user_1")
      .setIssuedAt()
      .setExpirationTime(options.expiresIn ?? "60s")
      .sign(privateKey);
  return { envFile, sign };
}

export function liveClient(url: string): ConvexClient {
  return new ConvexClient(url, { logger: false });
}

/** Waits until `read` gives something else than undefined. */
export async function until<T>(
  what: string,
  read: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
