import path from "node:path";
import { buildWeb } from "#cli/up/build.ts";

/** Vitest's global setup: the web server is built before the files that start it. */
export default async function buildOnce(): Promise<void> {
  await buildWeb(path.resolve(import.meta.dirname, "../.."));
}
