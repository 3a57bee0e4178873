import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { MAX_REF_CHARS } from "#domain/git.ts";
import { boundedStream, readEnd } from "#net/body.ts";
import { refuse } from "../http/refuse.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { type Finding, MAX_FINDING_CHARS } from "#domain/findings.ts";
import {
  ANSWER_MS,
  type Check,
  checkFinding,
  checksOf,
  findingsOf,
  type HostApi,
  linkSchema,
  MAX_ANSWER_BYTES,
  MAX_LOG_BYTES,
  MAX_LOGS,
  type PullRequest,
  refusalOf,
  titleOf,
  withReviewers,
} from "./host-api.ts";
import { VERSION } from "#domain/version.ts";
import { log as logging, messageOf } from "../log.ts";
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

/** What the official client sends requests with: only to where people's addresses may lead, and answers are bounded. */
function githubFetch(timeoutMs: number) {
  const signal = AbortSignal.timeout(timeoutMs);
  return async (
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string; redirect?: string },
  ) => {
    const answer = await guardedFetch(
      url,
      {
        method: init.method,
        headers: init.headers,
        signal,
        ...(init.redirect === "manual" && { redirect: "manual" }),
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
}

/** How the official client is made, for each way of signing in. */
export const githubOptions = (apiUrl: string, timeoutMs: number) => ({
  baseUrl: apiUrl,
  userAgent: `studio/${VERSION}`,
  log: NO_LOG,
  request: { fetch: githubFetch(timeoutMs) },
});

const client = ({ token, apiUrl }: GitHubAccess, timeoutMs: number): Octokit =>
  new Octokit({ auth: token, ...githubOptions(apiUrl, timeoutMs) });

/** What went wrong with a request of the client's. */
export interface ClientError {
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
const text = z.string().nullish();
const runsSchema = z.object({
  check_runs: z.array(
    z.object({
      id: z.number().int().nullish(),
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      html_url: text,
      app: z.object({ slug: text }).nullish(),
      output: z
        .object({ title: text, summary: text, text, annotations_count: z.number().int().nullish() })
        .nullish(),
    }),
  ),
});
const statusSchema = z.object({
  statuses: z.array(
    z.object({ context: z.string(), state: z.string(), description: text, target_url: text }),
  ),
});
const annotationsSchema = z.array(
  z.object({ path: z.string(), start_line: z.number().int().nullish(), message: text }),
);
const who = z.object({ login: z.string() }).nullish();
const commentsSchema = z.array(
  z.object({
    id: z.number().int(),
    body: z.string(),
    path: z.string(),
    line: z.number().int().nullish(),
    /** Null where the lines that it is about are no longer there. */
    position: z.number().int().nullish(),
    subject_type: text,
    in_reply_to_id: z.number().int().nullish(),
    html_url: text,
    user: who,
  }),
);
const reviewsSchema = z.array(
  z.object({ id: z.number().int(), state: z.string(), body: text, html_url: text, user: who }),
);

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

interface KnownCheck extends Check {
  /** What it says of its failure, and where. */
  text: string;
  url: string | null;
  annotated?: number;
  /** Of a job of GitHub Actions, whose log can be read. */
  job?: number;
}

/** Check runs of apps, and statuses that others set: https://docs.github.com/en/rest/checks/runs */
async function checksAt(github: Octokit, repository: string, ref: string): Promise<KnownCheck[]> {
  const place = { ...placeOf(repository), ref, per_page: 100 };
  const [runs, statuses] = await Promise.all([
    github.rest.checks.listForRef(place),
    github.rest.repos.getCombinedStatusForRef(place),
  ]);
  const checks = runsSchema.parse(runs.data).check_runs.map((run): KnownCheck => {
    const { id, name, status, conclusion, html_url, output, app } = run;
    return {
      name,
      state: status !== "completed" ? "pending" : GOOD.includes(conclusion ?? "") ? "passed" : "failed",
      text: [output?.title, output?.summary, output?.text].filter((part) => part).join("\n\n"),
      url: html_url ?? null,
      ...(id && (output?.annotations_count ?? 0) > 0 && { annotated: id }),
      // A job and its check run have one id.
      ...(id && app?.slug === "github-actions" && { job: id }),
    };
  });
  const others = statusSchema.parse(statuses.data).statuses.map((status): KnownCheck => ({
    name: status.context,
    state: status.state === "success" ? "passed" : status.state === "pending" ? "pending" : "failed",
    text: status.description ?? "",
    url: status.target_url ?? null,
  }));
  return [...checks, ...others];
}

/** Lines of Actions' logs begin with the moment, which says nothing and takes room. */
const MOMENTS = /^\uFEFF?\d{4}-\d\d-\d\dT[\d:.]{8,20}Z /gm;

/**
 * The end of a job's log; nothing where it can't be read, as by a token that may not, or once it is deleted. GitHub leads
 * to where it lies, which needs no credential and gets none:
 * https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
 */
async function logOf(
  github: Octokit,
  repository: string,
  job_id: number,
  timeoutMs: number,
): Promise<string> {
  try {
    const { headers } = await github.rest.actions.downloadJobLogsForWorkflowRun({
      ...placeOf(repository),
      job_id,
      request: { redirect: "manual" },
    });
    const { location } = headers;
    if (location === undefined) return "";
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await guardedFetch(location, { signal }, guardPolicy());
    if (answer.status !== 200) {
      await answer.body?.cancel();
      return "";
    }
    const log = await readEnd(answer, { keep: 2 * MAX_FINDING_CHARS, max: MAX_LOG_BYTES });
    return log.replaceAll(MOMENTS, "").trimEnd().slice(-MAX_FINDING_CHARS);
  } catch (error) {
    logging("info", "a job's log could not be read", { error: messageOf(error) });
    return "";
  }
}

/** What a check says, with the places that it points to, and the end of its log: https://docs.github.com/en/rest/checks/runs */
async function failureOf(
  github: Octokit,
  repository: string,
  { name, text: said, url, annotated, job }: KnownCheck,
  timeoutMs: number,
): Promise<Finding> {
  const asked = { ...placeOf(repository), check_run_id: annotated ?? 0, per_page: 50 };
  const [annotations, log] = await Promise.all([
    annotated === undefined ? [] : github.rest.checks.listAnnotations(asked).then(({ data }) => data),
    job === undefined ? "" : logOf(github, repository, job, timeoutMs),
  ]);
  const places = annotationsSchema
    .parse(annotations)
    .map(({ path, start_line, message }) => `${path}:${start_line ?? "?"}: ${message ?? ""}`);
  const ended = log === "" ? [] : [`The end of its log:\n${log}`];
  return checkFinding(name, [said, ...places, ...ended].filter((part) => part !== "").join("\n"), url);
}

/** Comments on lines that are still there, each with its replies: https://docs.github.com/en/rest/pulls/comments */
function commentsIn(data: unknown): Finding[] {
  const all = commentsSchema.parse(data);
  const isOld = ({ position, subject_type }: (typeof all)[number]) =>
    position === null && subject_type !== "file";
  return all
    .filter((one) => !one.in_reply_to_id && !isOld(one))
    .map((one) => ({
      key: `comment:${one.id}`,
      kind: "comment",
      name: one.user?.login ?? "",
      path: one.path,
      line: one.line ?? null,
      text: [
        one.body,
        ...all
          .filter(({ in_reply_to_id }) => in_reply_to_id === one.id)
          .map((reply) => `${reply.user?.login ?? "Somebody"}: ${reply.body}`),
      ].join("\n\n"),
      url: one.html_url ?? null,
    }));
}

/** What reviewers have written as a whole, as long as they have not approved since: https://docs.github.com/en/rest/pulls/reviews */
function reviewsIn(data: unknown): Finding[] {
  const all = reviewsSchema.parse(data);
  const isOver = (one: (typeof all)[number]) =>
    all
      .slice(all.indexOf(one))
      .some(
        ({ user, state }) => user?.login === one.user?.login && ["APPROVED", "DISMISSED"].includes(state),
      );
  return all
    .filter((one) => one.body && one.state !== "PENDING" && !isOver(one))
    .map((one) => ({
      key: `review:${one.id}`,
      kind: "comment",
      name: one.user?.login ?? "",
      path: null,
      line: null,
      text: one.body ?? "",
      url: one.html_url ?? null,
    }));
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
    changeBody: async (repository, pull_number, change) =>
      await asking(access, ANSWER_MS, async (github) => {
        const pull = { ...placeOf(repository), pull_number };
        const { data } = await github.rest.pulls.get(pull);
        const { body } = z.object({ body: z.string().nullish() }).parse(data);
        await github.rest.pulls.update({ ...pull, body: change(body ?? "") });
      }),
    pullRequestNow: async (repository, pull_number, timeoutMs) =>
      await asking(access, timeoutMs, async (github) => {
        const { data } = await github.rest.pulls.get({ ...placeOf(repository), pull_number });
        const { sha } = pullSchema.parse(data).head;
        return { pullRequest: shown(data), checks: checksOf(await checksAt(github, repository, sha)) };
      }),
    findings: async (repository, pull_number, timeoutMs) =>
      await asking(access, timeoutMs, async (github) => {
        const pull = { ...placeOf(repository), pull_number };
        const [{ data }, comments, reviews] = await Promise.all([
          github.rest.pulls.get(pull),
          github.rest.pulls.listReviewComments({
            ...pull,
            per_page: 100,
            sort: "created",
            direction: "desc",
          }),
          github.rest.pulls.listReviews({ ...pull, per_page: 100 }),
        ]);
        const { sha } = pullSchema.parse(data).head;
        const checks = await checksAt(github, repository, sha);
        const failed = checks.filter(({ state }) => state === "failed").slice(0, MAX_LOGS);
        const found = await Promise.all(
          failed.map(async (check) => await failureOf(github, repository, check, timeoutMs)),
        );
        const said = [...reviewsIn(reviews.data), ...commentsIn(comments.data)];
        return findingsOf(shown(data), sha, checks, [...found, ...said]);
      }),
  };
}
