/** Runs the protocol's conformance suite against what Studio serves of MCP servers, and against how it uses them. */
import { spawn } from "node:child_process";
import path from "node:path";
import { startServed } from "./server.ts";

const SUITE = "@modelcontextprotocol/conformance@0.1.16";

/** Of what a server can have, Studio's has tools; a sandbox reaches it with a token, so that pages are none of its users. */
const SERVED = [
  "server-initialize",
  "ping",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-image",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-mixed-content",
  "tools-call-error",
  "json-schema-2020-12",
  "server-sse-multiple-streams",
];
/**
 * Of what a client can do, Studio's signs people in and calls tools; it asks no person anything while it does. Left out is
 * `auth/2025-03-26-oauth-metadata-backcompat`, whose metadata names another issuer than it was asked for: that is refused.
 */
const USED = [
  "initialize",
  "tools_call",
  "auth/metadata-default",
  "auth/metadata-var1",
  "auth/metadata-var2",
  "auth/metadata-var3",
  "auth/scope-from-www-authenticate",
  "auth/scope-from-scopes-supported",
  "auth/scope-omitted-when-undefined",
  "auth/token-endpoint-auth-basic",
  "auth/token-endpoint-auth-post",
  "auth/token-endpoint-auth-none",
  "auth/2025-03-26-oauth-endpoint-fallback",
  "auth/resource-mismatch",
  "auth/offline-access-scope",
  "auth/offline-access-not-supported",
];

async function run(args: string[]): Promise<{ ok: boolean; text: string }> {
  const child = spawn("npx", ["-y", SUITE, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (piece: Buffer) => (text += piece.toString("utf8")));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { ok: code === 0, text };
}

const served = await startServed();
const client = path.join(import.meta.dirname, "client.ts");
const failed: string[] = [];
async function scenario(name: string, args: string[]): Promise<void> {
  const { ok, text } = await run([...args, "--scenario", name]);
  const counts = /Passed: [^\n]*/.exec(text)?.[0] ?? "";
  console.log(`${ok ? "passed" : "FAILED"}  ${name}  ${counts}`);
  if (ok) return;
  failed.push(name);
  console.log(text.slice(-4_000));
}
try {
  for (const name of SERVED) await scenario(name, ["server", "--url", served.url]);
  for (const name of USED) await scenario(name, ["client", "--command", `${process.execPath} ${client}`]);
} finally {
  await served.stop();
}
console.log(
  `${SERVED.length + USED.length - failed.length} of ${SERVED.length + USED.length} scenarios passed`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
