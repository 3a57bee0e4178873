import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach } from "vitest";
import { makeIssuer, temporaryFolder } from "./support.ts";

/** For each test of the file that imports it, a folder of its own, with a place for data and an issuer's environment. */
export let folder: string;
export let data: string;
export let envFile: string;

beforeEach(async () => {
  folder = temporaryFolder();
  data = path.join(folder, "data");
  ({ envFile } = await makeIssuer(folder));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));
