import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { pullRequestBody, SessionGit } from "#contracts/git.ts";
import { withLinks } from "#domain/git.ts";
import type { Principal } from "#domain/principal.ts";
import { cached, cacheOf } from "../cache.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { serverOf } from "../git/connections.ts";
import { hostApiOf } from "../git/hosts.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { log } from "../log.ts";

type PullRequest = Omit<NonNullable<SessionGit["pullRequest"]>, "checks">;

const HEADS = "refs/heads/";
/** How old the state of a pull request may be that is shown, and how long it may take. */
const STATE_MS = 15_000;
const ASK_MS = 5_000;
const MAX_STATES = 500;

/**
 * Opens a pull request for a branch that was pushed, and says so in the session's log.
 * @throws HttpError not_found | invalid_request | git_failed
 */
export async function openSessionPullRequest(
  caller: Exclude<Principal, { kind: "service" }>,
  sessionId: string,
  { folder, base: wanted, ...given }: z.output<typeof pullRequestBody>,
): Promise<{ pullRequest: PullRequest; warning: string | null }> {
  const actor = actorOf(caller);
  // Whether the caller may: nothing is asked of the host before that.
  await serviceData().query(api.sessionRepositories.committer, { actor, sessionId, folder });
  const rows = await dataFor(caller).query(api.sessionRepositories.list, { sessionId });
  const row = rows.find((one) => one.folder === folder);
  if (!row) throw refuse("git_none");
  if (row.access === "read") throw refuse("git_read_only", { repository: row.repository });
  if (row.pushedAt === null) throw refuse("git_not_pushed");
  const { connection, repository } = row;
  const server = await serverOf(caller.organizationId, connection);
  if (!server) throw refuse("git_connection_not_found", { connection });
  const host = hostApiOf(server);
  if (!host) throw refuse("git_no_pull_requests", { connection });
  const from = row.base.ref?.startsWith(HEADS) ? row.base.ref.slice(HEADS.length) : undefined;
  const base = wanted ?? from ?? (await host.mainBranch(repository));
  const others = rows.filter((one) => one !== row && one.pullRequest !== null);
  const body = withLinks(
    given.body,
    others.map((one) => one.pullRequest?.url ?? ""),
  );
  const made = await host.openPullRequest(repository, { ...given, body, head: row.branch, base });
  await serviceData().mutation(api.sessionRepositories.acted, {
    actor,
    sessionId,
    folder,
    act: "pull_request",
    subject: made.pullRequest.title,
    pullRequest: made.pullRequest,
  });
  const unlinked = await linkFrom(caller.organizationId, others, made.pullRequest.url);
  const warnings = [made.warning, unlinked].filter((one) => one !== null);
  return { ...made, warning: warnings.length > 0 ? warnings.join(" ") : null };
}

/** Has the session's other pull requests name a new one. @returns what could not be done */
async function linkFrom(
  organizationId: string,
  others: readonly { connection: string; repository: string; pullRequest: PullRequest | null }[],
  address: string,
): Promise<string | null> {
  const failed: string[] = [];
  for (const { connection, repository, pullRequest } of others)
    try {
      const server = await serverOf(organizationId, connection);
      const host = server && hostApiOf(server);
      if (host && pullRequest)
        await host.changeBody(repository, pullRequest.number, (body) => withLinks(body, [address]));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      failed.push(`${repository}#${pullRequest?.number ?? ""} doesn't name it: ${error.message}`);
    }
  return failed.length > 0 ? failed.join(" ") : null;
}

/**
 * A repository's pull request with its present state and its checks, as far as its host says it soon; as it was known
 * where not.
 */
export async function withStateNow(
  organizationId: string,
  sessionId: string,
  row: { connection: string; repository: string; folder: string; pullRequest: PullRequest | null },
): Promise<SessionGit["pullRequest"]> {
  const { connection, repository, folder, pullRequest: known } = row;
  if (known === null) return null;
  const asKnown = { ...known, checks: null };
  if (known.state === "merged") return asKnown;
  const states = cacheOf<Promise<NonNullable<SessionGit["pullRequest"]>>>("pull-requests", {
    max: MAX_STATES,
    ttlMs: STATE_MS,
  });
  return await cached(states, `${sessionId} ${folder} ${known.number}`, async () => {
    try {
      const server = await serverOf(organizationId, connection);
      const host = server && hostApiOf(server);
      if (!host) return asKnown;
      const { pullRequest: now, checks } = await host.pullRequestNow(repository, known.number, ASK_MS);
      if (now.state !== known.state || now.title !== known.title)
        await serviceData().mutation(api.sessionRepositories.notePullRequest, {
          sessionId: sessionId as Id<"sandboxSessions">,
          folder,
          pullRequest: now,
        });
      return { ...now, checks };
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      log("info", "a pull request's state is not known", { sessionId, error: error.message });
      return asKnown;
    }
  });
}
