import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { Finding } from "#domain/findings.ts";
import type { Masker } from "#domain/mask.ts";
import { serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { serverOf } from "./connections.ts";
import type { Findings, PullRequest } from "./host-api.ts";
import { hostApiOf } from "./hosts.ts";

/** A repository of a session whose pull request is looked at. */
interface Looked {
  organizationId: string;
  sessionId: string;
  folder: string;
  connection: string;
  repository: string;
  pullRequest: PullRequest;
}

const ASK_MS = 20_000;

/**
 * What a host says of a session's pull request now: what became of it is noted.
 * @throws HttpError not_found | invalid_request | git_failed | key_unreadable
 */
export async function findingsNow({
  organizationId,
  sessionId,
  folder,
  connection,
  repository,
  pullRequest: known,
}: Looked): Promise<Findings> {
  const server = await serverOf(organizationId, connection);
  if (!server) throw refuse("git_connection_not_found", { connection });
  const host = hostApiOf(server);
  if (!host) throw refuse("git_no_pull_requests", { connection });
  const found = await host.findings(repository, known.number, ASK_MS);
  const { pullRequest: now } = found;
  if (now.state !== known.state || now.title !== known.title)
    await serviceData().mutation(api.sessionRepositories.notePullRequest, {
      sessionId: sessionId as Id<"sandboxSessions">,
      folder,
      pullRequest: now,
    });
  return found;
}

/** Findings without the session's secrets: logs of checks may have printed them, and a message is stored and shown. */
export const masked = (findings: readonly Finding[], masker: Masker): Finding[] =>
  findings.map((finding) => ({
    ...finding,
    name: masker.mask(finding.name),
    text: masker.mask(finding.text),
  }));
