import fs from "node:fs";
import path from "node:path";
import { VERSION } from "#domain/version.ts";
import { singleton } from "./singleton.ts";

/** Which build of the pages this server serves: another one after each deploy. In development it is always the same. */
export const buildId = (): string =>
  singleton("build-id", () => {
    try {
      return fs.readFileSync(path.join(process.cwd(), ".next/BUILD_ID"), "utf8").trim();
    } catch {
      return VERSION;
    }
  });
