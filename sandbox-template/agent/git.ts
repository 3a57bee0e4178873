/**
 * `node git.mjs <act>` does something with a repository of the workspace STUDIO_ROOT, as STUDIO_GIT (JSON) says, and
 * prints what came of it as JSON. Git runs without hooks, external programs and whatever else a repository or its
 * configuration could have it run.
 */
import { clone, ownBranch } from "./git-clone.ts";
import { abandon, discard, takeBack, update } from "./git-change.ts";
import { commit } from "./git-commit.ts";
import { diff, patch, push, status } from "./git-work.ts";

const ACTS: Record<string, (given: never) => unknown> = {
  clone,
  ownBranch,
  status,
  diff,
  commit,
  push,
  patch,
  discard,
  takeBack,
  update,
  abandon,
};

const act = ACTS[process.argv[2] ?? ""];
if (!act) process.exit(2);
process.stdout.write(JSON.stringify(act(JSON.parse(process.env["STUDIO_GIT"] ?? "{}") as never)));
