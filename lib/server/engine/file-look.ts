import { log, messageOf } from "../log.ts";
import { type FileLook, lookAtFiles } from "../sandbox/look.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import type { AgentConnection } from "./agent-connection.ts";

/** Looks at files of a session's sandbox, by their paths; what is not in the answer could not be looked at. */
export type Look = (paths: readonly string[]) => Promise<ReadonlyMap<string, FileLook>>;

/** @returns what looks at files, and throws nothing: a question about one that cannot be read says so */
export function fileLook(
  { sandboxId, sandboxTimeoutMs }: Pick<AgentConnection, "sandboxId" | "sandboxTimeoutMs">,
  sessionId: string,
): Look {
  return async (paths) => {
    try {
      return await lookAtFiles(await openSandbox(sandboxId, sandboxTimeoutMs), paths);
    } catch (error) {
      log("warn", "files could not be looked at before a question about them", {
        sessionId,
        error: messageOf(error),
      });
      return new Map();
    }
  };
}
