/**
 * `node checkpoint.mjs save` takes the workspace STUDIO_ROOT and the agent's own store into a shadow repository, and
 * writes what is new of it as a pack of git's; `restore` brings a fresh sandbox to one; `rewind` brings a live one back to
 * one, or only looks at what that would change. They are told how by STUDIO_CHECKPOINT (JSON), and print what came of it
 * as JSON.
 */
import { restore } from "./checkpoint-restore.ts";
import { NoSuchFile, rewind } from "./checkpoint-rewind.ts";
import { save } from "./checkpoint-save.ts";

const given = JSON.parse(process.env["STUDIO_CHECKPOINT"] ?? "{}") as never;
const act = process.argv[2];
const ACTS = { save, restore, rewind };
if (act !== "save" && act !== "restore" && act !== "rewind") process.exit(2);
try {
  process.stdout.write(JSON.stringify(await ACTS[act](given)));
} catch (error) {
  process.stdout.write(
    JSON.stringify({
      error: String(error instanceof Error ? error.message : error).slice(0, 500),
      ...(error instanceof NoSuchFile && { kind: "no_file" }),
    }),
  );
}
