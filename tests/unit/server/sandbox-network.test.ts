import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DEFAULT_POLICY, type NetworkPolicy } from "#domain/network.ts";
import { cacheOf } from "#server/cache.ts";
import { deployment, changeNetwork } from "#server/sandbox/sandbox.ts";
import { refusedSince, serviceFeatures } from "#server/sandbox/service.ts";
import { networkFor } from "#server/sandbox-start/network.ts";

/** A sandbox service: what it answers by path, and what it was sent. */
let answers: Record<string, { status?: number; body: string }> = {};
const sent: { path: string; body: unknown }[] = [];
const service = http.createServer((request, response) => {
  let text = "";
  request.on("data", (piece: Buffer) => (text += piece.toString()));
  request.on("end", () => {
    sent.push({ path: request.url ?? "", body: text === "" ? null : (JSON.parse(text) as unknown) });
    const { status = 200, body } = answers[request.url ?? ""] ?? { status: 404, body: "none" };
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  Object.assign(process.env, {
    STUDIO_PUBLIC_URL: "https://studio.example.com",
    STUDIO_AUTH_SECRET: "x".repeat(32),
    STUDIO_DATA_DIR: os.tmpdir(),
    STUDIO_SIGNING_KEY: "{}",
    STUDIO_KEK: `1:${"A".repeat(43)}=`,
    CONVEX_URL: "https://data.example.com",
    CONVEX_SITE_URL: "https://site.example.com",
    E2B_API_KEY: `e2b_${"0".repeat(40)}`,
    E2B_API_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
  });
});
afterAll(() => void service.close());
beforeEach(() => {
  cacheOf("sandbox-service", { max: 1, ttlMs: 1 }).clear();
  answers = {};
  sent.length = 0;
});

const OWN = ["studio.example.com", "data.example.com", "site.example.com"];
const OF_OUR_HOST = JSON.stringify({ status: "ok", features: ["network-ports", "refusals"] });
const policy = (change: Partial<NetworkPolicy>): NetworkPolicy => ({
  ...DEFAULT_POLICY,
  presets: [],
  ...change,
});

test("Studio, its data and the agent's model are reached under every policy", async () => {
  expect(await networkFor(policy({ mode: "closed", hosts: ["a.example.org"] }), ["api.x.ai"])).toEqual({
    allowOut: [...OWN, "api.x.ai"],
  });
  expect(await networkFor(policy({ presets: ["pypi"], hosts: ["*.example.org"] }), [])).toEqual({
    allowOut: [...OWN, "pypi.org", "files.pythonhosted.org", "*.example.org"],
  });
  expect(await networkFor(policy({ mode: "open" }), [])).toBe("open");
  expect(sent).toEqual([]);
});

test("a host with a port is let through where the service can hold it to that port, and nowhere else", async () => {
  const wanted = policy({ hosts: ["git.example.org:8443", "a.example.org"] });
  answers = { "/health": { body: OF_OUR_HOST } };
  expect(await networkFor(wanted, [])).toEqual({
    allowOut: [...OWN, "git.example.org:8443", "a.example.org"],
  });
  for (const body of ["Health check successful", "{}", '{"features":"all"}']) {
    cacheOf("sandbox-service", { max: 1, ttlMs: 1 }).clear();
    answers = { "/health": { body } };
    expect(await networkFor(wanted, []), body).toEqual({ allowOut: [...OWN, "a.example.org"] });
  }
  expect(await serviceFeatures()).toEqual({ ports: false, refusals: false });
});

test("a change goes to the service as its rules: names need all else denied", async () => {
  answers = { "/sandboxes/i1/network": { status: 204, body: "" } };
  await changeNetwork("i1", { allowOut: ["a.example.org"] });
  await changeNetwork("i1", "open");
  expect(sent.map(({ body }) => body)).toEqual([{ allowOut: ["a.example.org"], denyOut: ["0.0.0.0/0"] }, {}]);
  await expect(changeNetwork("gone", "open")).rejects.toThrow();
});

test("only what this Studio's own sandboxes were refused is taken over", async () => {
  const refused = { host: "a.example.org", port: 443, kind: "policy", seq: 7, at: 1 };
  const own = { studio: deployment(), sessionId: "s1" };
  const refusals = [
    { ...refused, sandboxID: "i1", metadata: own },
    { ...refused, sandboxID: "i2", metadata: { ...own, studio: "another" } },
    { ...refused, sandboxID: "i3", metadata: null },
  ];
  answers = { "/refusals?after=3": { body: JSON.stringify({ refusals, next: 7 }) } };
  expect(await refusedSince(3)).toEqual({
    refused: [{ sandboxId: "i1", host: "a.example.org", port: 443, kind: "policy" }],
    next: 7,
  });
  await expect(refusedSince(4)).rejects.toThrow(/404/);
});
