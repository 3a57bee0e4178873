import fs from "node:fs";
import { ConvexHttpClient } from "convex/browser";
import { afterAll, beforeAll, expect } from "vitest";
import { makeIssuer, serve, type Served, temporaryFolder } from "./support.ts";

/** For all tests of the file that imports it, one runtime with the app of the fixtures, which ends as it should. */
export const folder = temporaryFolder();
export let served: Served;
export let client: ConvexHttpClient;

beforeAll(async () => {
  const issuer = await makeIssuer(folder);
  served = await serve({ data: `${folder}/data`, envFile: issuer.envFile });
  client = new ConvexHttpClient(served.url, { logger: false });
});
afterAll(async () => {
  expect(await served.stop()).toBe(0);
  fs.rmSync(folder, { recursive: true });
});
