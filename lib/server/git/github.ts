import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { MAX_REF_CHARS } from "#domain/git.ts";
import { boundedStream } from "#net/body.ts";
import { transportKindOf } from "#net/transport.ts";
import { refuse } from "../http/refuse.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { VERSION } from "#domain/version.ts";
import { ForbiddenAddress, guardedFetch } from "../net/guarded-fetch.ts";

/** GitHub's REST API with a credential. */
export interface GitHubAccess {
  token: string;
  apiUrl: string;
}

export interface PullRequest {
  number: number;
  url: string;
  title: string;
  state: "draft" | "open" | "merged" | "closed";
}

const ANSWER_MS = 20_000;
const MAX_ANSWER_BYTES = 5_000_000;
const NO_LOG = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** The official client, whose requests go only where people's addresses may lead, and whose answers are bounded. */
function client({ token, apiUrl }: GitHubAccess, timeoutMs: number): Octokit {
  const signal = AbortSignal.timeout(timeoutMs);
  const request = async (
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string },
  ) => {
    const answer = await guardedFetch(
      url,
      {
        method: init.method,
        headers: init.headers,
        signal,
        ...(init.body !== undefined && { body: Buffer.from(init.body) }),
      },
      guardPolicy(),
    );
    const body = answer.body && boundedStream(answer.body, MAX_ANSWER_BYTES);
    const { status, headers } = answer;
    const made = new Response(body, { status, headers });
    // The client reads it, and a made response has none.
    return Object.defineProperty(made, "url", { value: url });
  };
  return new Octokit({
    auth: token,
    baseUrl: apiUrl,
    userAgent: `studio/${VERSION}`,
    log: NO_LOG,
    request: { fetch: request },
  });
}

/** What went wrong with a request of the client's. */
interface ClientError {
  status?: number;
  message: string;
  response?: {
    data?: { message?: unknown; errors?: { message?: unknown; code?: unknown; field?: unknown }[] };
  };
}

function wordsOf(error: ClientError): string {
  const { message, errors } = error.response?.data ?? {};
  const more = Array.isArray(errors)
    ? errors.flatMap((one) => (typeof one?.message === "string" ? [one.message] : []))
    : [];
  return [typeof message === "string" ? message : error.message, ...more].join(": ").slice(0, 400);
}

/** Does something with the API. @throws HttpError git_failed with what GitHub says */
async function asking<T>(
  access: GitHubAccess,
  timeoutMs: number,
  work: (github: Octokit) => Promise<T>,
): Promise<T> {
  const host = new URL(access.apiUrl).host;
  try {
    return await work(client(access, timeoutMs));
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    if (cause instanceof ForbiddenAddress) throw refuse("git_address_forbidden", { fault: cause.message });
    const error = thrown as ClientError;
    if (thrown instanceof z.ZodError) throw refuse("git_api_strange", { host });
    const kind = transportKindOf(thrown);
    if (kind === "timeout") throw refuse("git_silent", { host, seconds: timeoutMs / 1_000 });
    if (kind !== undefined) throw refuse("git_unreachable", { host });
    if (typeof error.status !== "number") throw thrown;
    if (error.status === 401) throw refuse("git_api_credential", { host });
    throw refuse("git_api_refused", { host, status: error.status, words: wordsOf(error) });
  }
}

/** The login of the account that a credential belongs to. @throws HttpError git_failed */
export async function whoAmI(access: GitHubAccess, timeoutMs = ANSWER_MS): Promise<string> {
  return await asking(access, timeoutMs, async (github) => {
    const { data } = await github.rest.users.getAuthenticated();
    return userSchema.parse(data).login;
  });
}

const placeOf = (repository: string) => {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
};

/** What is read of an answer: the client's types are a promise of GitHub's, not of the server that responds. */
const userSchema = z.object({ login: z.string().max(200) });
const repositorySchema = z.object({ default_branch: z.string().min(1).max(MAX_REF_CHARS) });
const pullSchema = z.object({
  number: z.number().int().positive(),
  html_url: z
    .string()
    .max(1_000)
    .regex(/^https?:\/\//),
  title: z.string(),
  state: z.string(),
  draft: z.boolean().optional(),
  merged_at: z.string().nullish(),
});

function shown(data: unknown): PullRequest {
  const { number, html_url, title, state, draft, merged_at } = pullSchema.parse(data);
  return {
    number,
    url: html_url,
    title: title.slice(0, 250).trim() || "Pull request",
    state: merged_at ? "merged" : state === "closed" ? "closed" : draft === true ? "draft" : "open",
  };
}

/**
 * Opens a pull request, and asks people to review it.
 * @returns the pull request, and what could not be done besides
 * @throws HttpError git_failed
 */
export async function openPullRequest(
  access: GitHubAccess,
  repository: string,
  given: { title: string; body: string; head: string; base: string; draft: boolean; reviewers: string[] },
): Promise<{ pullRequest: PullRequest; warning: string | null }> {
  const { reviewers, ...pull } = given;
  const place = placeOf(repository);
  const made = await asking(access, ANSWER_MS, async (github) => {
    const { data } = await github.rest.pulls.create({ ...place, ...pull });
    return shown(data);
  });
  if (reviewers.length === 0) return { pullRequest: made, warning: null };
  try {
    await asking(
      access,
      ANSWER_MS,
      async (github) =>
        await github.rest.pulls.requestReviewers({ ...place, pull_number: made.number, reviewers }),
    );
    return { pullRequest: made, warning: null };
  } catch (error) {
    // The pull request is there: its reviewers can be asked on its own page.
    const words = error instanceof Error ? error.message : String(error);
    return { pullRequest: made, warning: `The reviewers weren't asked: ${words}` };
  }
}

/** What became of a pull request. @throws HttpError git_failed */
export async function pullRequestNow(
  access: GitHubAccess,
  repository: string,
  pull_number: number,
  timeoutMs: number,
): Promise<PullRequest> {
  return await asking(access, timeoutMs, async (github) => {
    const { data } = await github.rest.pulls.get({ ...placeOf(repository), pull_number });
    return shown(data);
  });
}

/** The branch that pull requests of a repository go to by default. @throws HttpError git_failed */
export async function mainBranch(access: GitHubAccess, repository: string): Promise<string> {
  return await asking(access, ANSWER_MS, async (github) => {
    const { data } = await github.rest.repos.get(placeOf(repository));
    return repositorySchema.parse(data).default_branch;
  });
}
