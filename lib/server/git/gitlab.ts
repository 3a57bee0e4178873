import { z } from "zod";
import { type Finding, MAX_FINDING_CHARS } from "#domain/findings.ts";
import { HttpError } from "../http/error.ts";
import {
  ANSWER_MS,
  type Check,
  checkFinding,
  checksOf,
  findingsOf,
  type HostApi,
  linkSchema,
  MAX_LOGS,
  type PullRequest,
  RestApi,
  titleOf,
  withReviewers,
} from "./host-api.ts";

/** GitLab's REST API, version 4: https://docs.gitlab.com/api/merge_requests */

const requestSchema = z.object({
  iid: z.number().int().positive(),
  web_url: linkSchema,
  title: z.string(),
  state: z.string(),
  draft: z.boolean().optional(),
  sha: z.string().max(64).nullish(),
  head_pipeline: z.object({ id: z.number().int(), status: z.string() }).nullish(),
});
const jobsSchema = z.array(
  z.object({
    id: z.number().int(),
    name: z.string(),
    status: z.string(),
    allow_failure: z.boolean().optional(),
    web_url: z.string().nullish(),
    failure_reason: z.string().nullish(),
  }),
);
type Job = z.output<typeof jobsSchema>[number];
const discussionsSchema = z.array(
  z.object({
    notes: z.array(
      z.object({
        id: z.number().int(),
        body: z.string(),
        author: z.object({ username: z.string() }).nullish(),
        system: z.boolean().nullish(),
        resolvable: z.boolean().nullish(),
        resolved: z.boolean().nullish(),
        position: z
          .object({ new_path: z.string().nullish(), new_line: z.number().int().nullish() })
          .nullish(),
      }),
    ),
  }),
);

/** Threads that nobody has resolved, each as one: https://docs.gitlab.com/api/discussions */
function threadsIn(discussions: z.output<typeof discussionsSchema>, address: string): Finding[] {
  return discussions.flatMap(({ notes }) => {
    const said = notes.filter(({ system }) => system !== true);
    const [first] = said;
    if (!first || !said.some(({ resolvable, resolved }) => resolvable === true && resolved !== true))
      return [];
    const finding: Finding = {
      key: `comment:${first.id}`,
      kind: "comment",
      name: first.author?.username ?? "",
      path: first.position?.new_path ?? null,
      line: first.position?.new_line ?? null,
      text: said
        .map(({ body, author }, index) => (index === 0 ? body : `${author?.username ?? "Somebody"}: ${body}`))
        .join("\n\n"),
      url: `${address}#note_${first.id}`,
    };
    return [finding];
  });
}

const shown = ({ iid, web_url, title, state, draft }: z.output<typeof requestSchema>): PullRequest => ({
  number: iid,
  url: web_url,
  title: titleOf(title),
  state: state === "merged" ? "merged" : state === "closed" ? "closed" : draft === true ? "draft" : "open",
});

/** Jobs that nobody waits for count as done. */
const stateOf = (status: string): Check["state"] =>
  status === "failed" || status === "canceled"
    ? "failed"
    : ["success", "skipped", "manual"].includes(status)
      ? "passed"
      : "pending";

export function gitlabApi(apiUrl: string, token: string): HostApi {
  const rest = new RestApi(apiUrl, `Bearer ${token}`);
  const project = (repository: string) => `/projects/${encodeURIComponent(repository)}`;
  const idOf = async (username: string) => {
    const users = z.array(z.object({ id: z.number().int() }));
    const [found] = await rest.ask("GET", `/users?username=${encodeURIComponent(username)}`, users);
    if (!found) throw new Error(`there's no user “${username}”`);
    return found.id;
  };
  /** A request to merge, and the jobs of its last pipeline that somebody waits for. */
  const requestNow = async (repository: string, number: number, timeoutMs: number) => {
    const path = `${project(repository)}/merge_requests/${number}`;
    const request = await rest.ask("GET", path, requestSchema, { timeoutMs });
    const pipeline = request.head_pipeline;
    const jobs = pipeline
      ? await rest.ask(
          "GET",
          `${project(repository)}/pipelines/${pipeline.id}/jobs?per_page=100`,
          jobsSchema,
          { timeoutMs },
        )
      : [];
    return {
      request,
      jobs: jobs.filter(({ status, allow_failure }) => status !== "failed" || !allow_failure),
    };
  };
  const checkOf = ({ name, status }: Job): Check => ({ name, state: stateOf(status) });
  /** The end of a job's log, as far as it can be read: https://docs.gitlab.com/api/jobs */
  const failureOf = async (repository: string, job: Job, timeoutMs: number): Promise<Finding> => {
    const path = `${project(repository)}/jobs/${job.id}/trace`;
    const log = await rest.endOf(path, MAX_FINDING_CHARS, timeoutMs).catch((error: unknown) => {
      if (error instanceof HttpError) return "";
      throw error;
    });
    const said = [job.failure_reason ?? "", log].filter((part) => part !== "").join("\n\n");
    return checkFinding(job.name, said, job.web_url);
  };
  return {
    whoAmI: async (timeoutMs = ANSWER_MS) =>
      (
        await rest.ask("GET", "/user", z.object({ username: z.string().max(200) }), {
          ...(timeoutMs && { timeoutMs }),
        })
      ).username,
    mainBranch: async (repository) =>
      (await rest.ask("GET", project(repository), z.object({ default_branch: z.string().min(1).max(200) })))
        .default_branch,
    openPullRequest: async (repository, { title, body, head, base, draft, reviewers }) => {
      const made = await rest.ask("POST", `${project(repository)}/merge_requests`, requestSchema, {
        body: {
          source_branch: head,
          target_branch: base,
          title: draft ? `Draft: ${title}` : title,
          description: body,
        },
      });
      return await withReviewers(shown(made), reviewers, async () => {
        const reviewer_ids = await Promise.all(reviewers.map(idOf));
        const path = `${project(repository)}/merge_requests/${made.iid}`;
        await rest.ask("PUT", path, requestSchema, { body: { reviewer_ids } });
      });
    },
    changeBody: async (repository, number, change) => {
      const path = `${project(repository)}/merge_requests/${number}`;
      const now = await rest.ask("GET", path, z.object({ description: z.string().nullish() }));
      await rest.ask("PUT", path, z.unknown(), { body: { description: change(now.description ?? "") } });
    },
    pullRequestNow: async (repository, number, timeoutMs) => {
      const { request, jobs } = await requestNow(repository, number, timeoutMs);
      return { pullRequest: shown(request), checks: checksOf(jobs.map(checkOf)) };
    },
    findings: async (repository, number, timeoutMs) => {
      const path = `${project(repository)}/merge_requests/${number}/discussions?per_page=100`;
      const [{ request, jobs }, discussions] = await Promise.all([
        requestNow(repository, number, timeoutMs),
        rest.ask("GET", path, discussionsSchema, { timeoutMs }),
      ]);
      const failed = jobs.filter(({ status }) => stateOf(status) === "failed").slice(0, MAX_LOGS);
      const found = await Promise.all(failed.map(async (job) => await failureOf(repository, job, timeoutMs)));
      const said = threadsIn(discussions, request.web_url);
      return findingsOf(shown(request), request.sha ?? "", jobs.map(checkOf), [...found, ...said]);
    },
  };
}
