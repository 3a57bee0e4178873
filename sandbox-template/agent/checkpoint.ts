/**
 * `node checkpoint.mjs save` takes the workspace STUDIO_ROOT and the agent's own store into a shadow repository, and
 * writes what is new of it as a pack of git's; `node checkpoint.mjs restore` brings a sandbox back to one. Both are told
 * how by STUDIO_CHECKPOINT (JSON), and print what came of it as JSON.
 */
import { restore } from "./checkpoint-restore.ts";
import { save } from "./checkpoint-save.ts";

const given = JSON.parse(process.env["STUDIO_CHECKPOINT"] ?? "{}") as never;
const act = process.argv[2];
if (act !== "save" && act !== "restore") process.exit(2);
try {
  process.stdout.write(JSON.stringify(act === "save" ? await save(given) : restore(given)));
} catch (error) {
  process.stdout.write(
    JSON.stringify({ error: String(error instanceof Error ? error.message : error).slice(0, 500) }),
  );
}
