/** `node tests/support/build-web.ts` builds the web server where its sources have changed, as each start of it would. */
import path from "node:path";
import { buildWeb } from "#cli/up/build.ts";

await buildWeb(path.resolve(import.meta.dirname, "../.."));
