import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT_ADDRESS, watchConnections } from "#server/http/connection.ts";

let server: http.Server;
let url: string;
let seen: string | undefined;

beforeAll(async () => {
  Object.assign(process.env, {
    STUDIO_PUBLIC_URL: "https://studio.example",
    STUDIO_AUTH_SECRET: "x".repeat(32),
    STUDIO_DATA_DIR: "unused",
    STUDIO_SIGNING_KEY: "{}",
    STUDIO_KEK: "k".repeat(44),
    CONVEX_URL: "http://127.0.0.1:1",
    CONVEX_SITE_URL: "http://127.0.0.1:2",
    E2B_API_KEY: "unused",
  });
  watchConnections();
  server = http.createServer((req, res) => {
    seen = String(req.headers[CLIENT_ADDRESS]);
    res.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("SEC-31: every answer of a Studio whose address is https has HSTS", async () => {
  const response = await fetch(url);
  expect(response.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8,}/);
});

test("SEC-6: the routes get the address of the connection, whatever a client sends", async () => {
  await fetch(url, { headers: { [CLIENT_ADDRESS]: "203.0.113.9", "x-forwarded-for": "203.0.113.9" } });
  expect(seen).toBe("127.0.0.1");
});
