import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { MAX_REF_CHARS } from "#domain/git.ts";
import { boundedStream } from "#net/body.ts";
import { refuse } from "../http/refuse.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import {
  ANSWER_MS,
  type Check,
  type Checks,
  checksOf,
  type HostApi,
  linkSchema,
  MAX_ANSWER_BYTES,
  type PullRequest,
  refusalOf,
  titleOf,
  withReviewers,
} from "./host-api.ts";
import { VERSION } from "#domain/version.ts";
import { guardedFetch } from "../net/guarded-fetch.ts";

/** GitHub's REST API with a credential. */
interface GitHubAccess {
  token: string;
  apiUrl: string;
}

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
    const known = refusalOf(thrown, host, timeoutMs);
    if (known) throw known;
    const error = thrown as ClientError;
    if (typeof error.status !== "number") throw thrown;
    if (error.status === 401) throw refuse("git_api_credential", { host });
    throw refuse("git_api_refused", { host, status: error.status, words: wordsOf(error) });
  }
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
  html_url: linkSchema,
  title: z.string(),
  state: z.string(),
  draft: z.boolean().optional(),
  merged_at: z.string().nullish(),
  head: z.object({ sha: z.string().max(64) }),
});
const runsSchema = z.object({
  check_runs: z.array(z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullable() })),
});
const statusSchema = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string() })),
});

function shown(data: unknown): PullRequest {
  const { number, html_url, title, state, draft, merged_at } = pullSchema.parse(data);
  return {
    number,
    url: html_url,
    title: titleOf(title),
    state: merged_at ? "merged" : state === "closed" ? "closed" : draft === true ? "draft" : "open",
  };
}

/** A check that was skipped or has nothing to say holds nobody up. */
const GOOD = ["success", "neutral", "skipped"];

/** Check runs of apps, and statuses that others set: https://docs.github.com/en/rest/checks/runs */
async function checksAt(github: Octokit, repository: string, ref: string): Promise<Checks> {
  const place = { ...placeOf(repository), ref, per_page: 100 };
  const [runs, statuses] = await Promise.all([
    github.rest.checks.listForRef(place),
    github.rest.repos.getCombinedStatusForRef(place),
  ]);
  const checks = runsSchema.parse(runs.data).check_runs.map(({ name, status, conclusion }): Check => ({
    name,
    state: status !== "completed" ? "pending" : GOOD.includes(conclusion ?? "") ? "passed" : "failed",
  }));
  const others = statusSchema.parse(statuses.data).statuses.map(({ context, state }): Check => ({
    name: context,
    state: state === "success" ? "passed" : state === "pending" ? "pending" : "failed",
  }));
  return checksOf([...checks, ...others]);
}

/** GitHub's REST API: https://docs.github.com/en/rest/pulls/pulls */
export function githubApi(apiUrl: string, token: string): HostApi {
  const access = { apiUrl, token };
  return {
    whoAmI: async (timeoutMs = ANSWER_MS) =>
      await asking(access, timeoutMs, async (github) => {
        const { data } = await github.rest.users.getAuthenticated();
        return userSchema.parse(data).login;
      }),
    mainBranch: async (repository) =>
      await asking(access, ANSWER_MS, async (github) => {
        const { data } = await github.rest.repos.get(placeOf(repository));
        return repositorySchema.parse(data).default_branch;
      }),
    openPullRequest: async (repository, { reviewers, ...pull }) => {
      const place = placeOf(repository);
      const made = await asking(access, ANSWER_MS, async (github) => {
        const { data } = await github.rest.pulls.create({ ...place, ...pull });
        return shown(data);
      });
      const asked = { ...place, pull_number: made.number, reviewers };
      return await withReviewers(
        made,
        reviewers,
        async () =>
          await asking(access, ANSWER_MS, async (github) => await github.rest.pulls.requestReviewers(asked)),
      );
    },
    pullRequestNow: async (repository, pull_number, timeoutMs) =>
      await asking(access, timeoutMs, async (github) => {
        const { data } = await github.rest.pulls.get({ ...placeOf(repository), pull_number });
        const { sha } = pullSchema.parse(data).head;
        return { pullRequest: shown(data), checks: await checksAt(github, repository, sha) };
      }),
  };
}
