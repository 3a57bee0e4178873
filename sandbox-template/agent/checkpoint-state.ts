import fs from "node:fs";
import path from "node:path";
import type { Seen } from "./checkpoint-walk.ts";

const HOME = process.env["STUDIO_HOME"] ?? "/home/user";
/** The folder that sessions work in. */
export const ROOT = process.env["STUDIO_ROOT"] ?? "/workspace";
/** Where OpenCode keeps its conversations. */
export const AGENT_STORE = path.join(HOME, ".local/share/opencode");
/** What of it belongs to a checkpoint: the conversations, and what they refer to. Logs and logins do not. */
export const AGENT_PARTS = ["storage", "tool-output"];
export const AGENT_DATABASE = "opencode.db";
/** The shadow repository, which a sandbox can do without: what is lost with it is taken again. */
export const SHADOW = path.join(HOME, ".local/share/studio/checkpoints.git");

/** The last checkpoint that was taken here. */
export interface State {
  commit: string;
  root: string;
  known: Iterable<string>;
  seen: Seen;
}

const file = path.join(SHADOW, "studio-state.json");

export function writeState({ commit, root, known, seen }: State): void {
  const text = JSON.stringify({ commit, root, known: [...known].join(" "), seen: [...seen] });
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}

/**
 * The state where it is the wanted checkpoint's; undefined where it is another's, or cannot be read.
 * @param commit by default whatever was the last
 */
export function readState(commit?: string): State | undefined {
  try {
    const state = JSON.parse(fs.readFileSync(file, "utf8")) as {
      commit: string;
      root: string;
      known: string;
      seen: [...Parameters<Seen["set"]>][];
    };
    if (commit !== undefined && state.commit !== commit) return undefined;
    return {
      commit: state.commit,
      root: state.root,
      known: state.known.split(" "),
      seen: new Map(state.seen),
    };
  } catch {
    return undefined;
  }
}
