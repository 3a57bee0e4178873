import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { FilesAnswer } from "#contracts/files.ts";
import {
  type filesystemBody,
  MAX_TOOL_OUTPUT,
  type shellBody,
  type shellResponse,
} from "#contracts/tools.ts";
import { LIMITS } from "#domain/limits.ts";
import type { Principal } from "#domain/principal.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { environmentFrom, keptVariables, maskerOf } from "../keys/variables.ts";
import { log, messageOf } from "../log.ts";
import { runBounded } from "../sandbox/commands.ts";
import { readPath, realFolder } from "../sandbox/files.ts";
import { sandboxToDrive, writeWorkspace } from "./files.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

const NOTE_MS = 30_000;

/**
 * Runs a command in a session's sandbox for a person or key who may drive it, and says so in its log before and after.
 * It has the variables that the agent's commands have.
 * @throws HttpError not_found | forbidden | session_stopped | not_ready | invalid_request | upstream_failed
 */
export async function runCommand(
  caller: Caller,
  sessionId: string,
  { command, working_dir: folder, timeout_seconds: timeoutSeconds }: z.output<typeof shellBody>,
): Promise<z.infer<typeof shellResponse>> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const cwd = await realFolder(sandbox, folder);
  const masker = await maskerOf(session.id);
  const named = { actor: actorOf(caller), sessionId, commandId: randomUUID(), command: masker.mask(command) };
  await serviceData().mutation(api.directTools.begin, named);
  const noteEnd = async (came: {
    exitCode: number | null;
    timedOut: boolean;
    durationMs: number;
    output: string;
  }) =>
    await persistently(
      "command",
      NOTE_MS,
      async () => void (await serviceData().mutation(api.directTools.end, { ...named, ...came })),
    ).catch((error: unknown) => log("warn", "a command's end was not noted", { error: messageOf(error) }));
  const env = environmentFrom(await keptVariables(session.id as Id<"sandboxSessions">), "agent");
  const begun = performance.now();
  let result: Awaited<ReturnType<typeof runBounded>>;
  try {
    result = await runBounded(sandbox, { command, cwd, env, timeoutSeconds, keptChars: MAX_TOOL_OUTPUT });
  } catch (error) {
    const durationMs = Math.round(performance.now() - begun);
    await noteEnd({ exitCode: null, timedOut: false, durationMs, output: "" });
    throw error;
  }
  const stdout = masker.mask(result.stdout);
  const stderr = masker.mask(result.stderr);
  const { exitCode, timedOut, durationMs, truncated } = result;
  const output = [stdout, stderr].filter((text) => text !== "").join("\n");
  await noteEnd({ exitCode, timedOut, durationMs, output: output.slice(-LIMITS.shellOutput.max) });
  return { stdout, stderr, exit_code: exitCode, duration_ms: durationMs, timed_out: timedOut, truncated };
}

/**
 * Reads, lists or writes files of a session's workspace for a person or key who may drive it.
 * @throws HttpError not_found | forbidden | session_stopped | not_ready | invalid_request | file_changed | too_large
 */
export async function useFiles(
  caller: Caller,
  sessionId: string,
  body: z.output<typeof filesystemBody>,
): Promise<FilesAnswer> {
  const { action, path: wanted } = body;
  await dataFor(caller).query(api.directTools.mayUseFile, { sessionId, action, path: wanted });
  const sandbox = await sandboxToDrive(caller, sessionId);
  if (body.action !== "write") {
    const found = await readPath(sandbox, body.path);
    if (body.action === "list" && found.kind !== "folder") throw refuse("path_of_no_folder");
    if (body.action === "read" && found.kind !== "file") throw refuse("path_of_folder");
    return found;
  }
  const { path, content, expected_hash: expected } = body;
  const expectedHash = expected === undefined ? await hashAt(sandbox, path) : expected;
  return await writeWorkspace(caller, sessionId, { path, content, expectedHash });
}

/** What a file is now; null where there is none. */
async function hashAt(sandbox: Parameters<typeof readPath>[0], path: string): Promise<string | null> {
  try {
    const found = await readPath(sandbox, path);
    if (found.kind !== "file") throw refuse("path_of_folder");
    return found.hash;
  } catch (error) {
    if (error instanceof HttpError && error.besides.kind === "file_not_found") return null;
    throw error;
  }
}

/** @throws HttpError not_implemented, for those who may drive the session */
export async function useBrowser(caller: Caller, sessionId: string): Promise<never> {
  await dataFor(caller).mutation(api.sandboxSessions.keepalive, { sessionId });
  throw refuse("browser_later");
}
