/** Builds the web server before what reads the tree beside the tests; it is not built again unless a source changes. */
import path from "node:path";
import { buildWeb } from "#cli/up/build.ts";

await buildWeb(path.resolve(import.meta.dirname, "../.."));
