import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { GitFindings, gitHandOverBody, greenBody, SessionGit } from "#contracts/git.ts";
import { handOverMessage } from "#domain/findings.ts";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { greenChanged, wakeSession } from "../engine/wake.ts";
import { findingsNow, masked } from "../git/findings.ts";
import { mayChange, repositoryIn } from "../git/working-tree.ts";
import { refuse } from "../http/refuse.ts";
import { maskerOf } from "../keys/variables.ts";
import { currentTraceparent } from "../request-context.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** A repository with its pull request. @throws HttpError not_found */
async function withPullRequest(caller: Caller, sessionId: string, folder: string) {
  const row = await repositoryIn(caller, sessionId, folder);
  if (!row.pullRequest) throw refuse("git_no_pull_request");
  return { ...row, pullRequest: row.pullRequest };
}

/**
 * What keeps a session's pull request from being ready, as its host says it now.
 * @throws HttpError not_found | invalid_request | git_failed
 */
export async function sessionFindings(
  caller: Caller,
  sessionId: string,
  folder: string,
): Promise<GitFindings> {
  const row = await withPullRequest(caller, sessionId, folder);
  const { organizationId } = caller;
  const { checks, running, findings } = await findingsNow({ ...row, organizationId, sessionId });
  const masker = await maskerOf(sessionId);
  const shown = findings.map((finding) => ({ ...finding, handed: row.handed.includes(finding.key) }));
  return {
    checks,
    running,
    findings: roleAtLeast(caller.role, "member") ? shown : shown.map((one) => masker.maskValue(one)),
  };
}

/**
 * Gives the agent some of it, as one message in which everything from outside is quoted. What it says is the host's, and
 * not the caller's to choose.
 * @returns the run's id
 * @throws HttpError not_found | invalid_request | git_failed
 */
export async function handOverFindings(
  caller: Caller,
  sessionId: string,
  { folder, findings: keys }: z.output<typeof gitHandOverBody>,
): Promise<string> {
  // Whether the caller may: nothing is asked of the host before that.
  await mayChange(caller, sessionId, folder);
  const row = await withPullRequest(caller, sessionId, folder);
  const { findings } = await findingsNow({ ...row, organizationId: caller.organizationId, sessionId });
  const wanted = findings.filter(({ key }) => keys.includes(key));
  if (wanted.length < new Set(keys).size) throw refuse("git_finding_gone");
  const message = handOverMessage(masked(wanted, await maskerOf(sessionId)), {
    address: row.pullRequest.url,
    folder,
    leaving: "person",
  });
  const traceparent = currentTraceparent();
  const runId = await serviceData().mutation(api.greenPursuits.handOver, {
    actor: actorOf(caller),
    sessionId,
    folder,
    message,
    comments: wanted.filter(({ kind }) => kind === "comment").map(({ key }) => key),
    ...(traceparent !== undefined && { traceparent }),
  });
  wakeSession(sessionId as Id<"sandboxSessions">);
  return runId;
}

/** Has the agent go on until the pull request is green, within bounds. @throws HttpError invalid_request | forbidden */
export async function keepGoing(
  caller: Caller,
  sessionId: string,
  body: z.output<typeof greenBody>,
): Promise<NonNullable<SessionGit["green"]>> {
  const started = await dataFor(caller).mutation(api.greenPursuits.start, { sessionId, ...body });
  greenChanged();
  return started;
}

/** Ends that. @throws HttpError not_found | forbidden */
export async function stopGoing(caller: Caller, sessionId: string, folder: string): Promise<void> {
  await dataFor(caller).mutation(api.greenPursuits.stop, { sessionId, folder });
}
