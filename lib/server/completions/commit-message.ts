import type { z } from "zod";
import type { Id } from "#convex/_generated/dataModel.js";
import { type gitMessageBody, type gitMessageResponse, gitWorkSchema } from "#contracts/git.ts";
import { COMMIT_INSTRUCTIONS, messageFrom, shownChanges } from "#domain/commit-message.ts";
import { UNTITLED } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { inRepository, mayChange, repositoryIn } from "../git/working-tree.ts";
import { refuse } from "../http/refuse.ts";
import { maskerOf } from "../keys/variables.ts";
import { sandboxToDrive } from "../sessions/files.ts";
import { changesOf } from "../sessions/git.ts";
import { getSession } from "../sessions/read.ts";
import { completed } from "./complete.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** A message is short; models that think first need more. */
const MAX_OUTPUT_TOKENS = 4_000;
const MAX_SUBJECTS = 10;

/**
 * Has a session's model write a message for what would be committed. It sees the changes with the session's secrets
 * masked, and counts against the session's cap.
 * @throws HttpError forbidden | not_found | git_failed | invalid_request | what `complete` throws
 */
export async function proposeMessage(
  caller: Caller,
  sessionId: string,
  { folder, paths, patch }: z.output<typeof gitMessageBody>,
  signal: AbortSignal,
): Promise<z.infer<typeof gitMessageResponse>> {
  await mayChange(caller, sessionId, folder);
  const sandbox = await sandboxToDrive(caller, sessionId);
  const { base } = await repositoryIn(caller, sessionId, folder);
  const [session, masker, whole, work] = await Promise.all([
    getSession(caller, sessionId),
    maskerOf(sessionId),
    changesOf(caller, sessionId, "diff", { folder, since: "commit" }),
    inRepository(sandbox, "status", { folder, base: base.commit }, gitWorkSchema),
  ]);
  // Masked as a whole: a secret that is cut in two would be none.
  const isAll = paths === undefined && patch === undefined;
  const files = shownChanges(masker.mask(whole.toString("utf8")), isAll ? undefined : (paths ?? []));
  const parts = patch === undefined ? "" : shownChanges(masker.mask(patch));
  if (files === "" && parts === "") throw refuse("git_nothing_to_commit");
  const subjects = work.commits.slice(-MAX_SUBJECTS).map(({ subject }) => `- ${masker.mask(subject)}`);
  const { provider, model, keySource, title } = session;
  const content = [
    ...(title === UNTITLED ? [] : [`What it is about: ${masker.mask(title)}`]),
    ...(subjects.length > 0 ? ["Earlier subjects:", ...subjects] : []),
    files,
    parts,
  ];
  const answer = await completed({
    by: { caller, purpose: "commit_message" },
    sessionId: session.id as Id<"sandboxSessions">,
    provider,
    model,
    keySource,
    system: COMMIT_INSTRUCTIONS,
    messages: [{ role: "user", content: content.filter((part) => part !== "").join("\n") }],
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    signal,
  });
  const message = masker.mask(messageFrom(answer.content));
  if (message === "") throw refuse("git_no_message", { model });
  return { message, provider, model, costMicroUsd: answer.costMicroUsd };
}
