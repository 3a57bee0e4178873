import { z } from "zod";
import {
  type Check,
  checksOf,
  type HostApi,
  linkSchema,
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
  head_pipeline: z.object({ id: z.number().int(), status: z.string() }).nullish(),
});
const jobsSchema = z.array(
  z.object({ name: z.string(), status: z.string(), allow_failure: z.boolean().optional() }),
);

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
  return {
    whoAmI: async (timeoutMs) =>
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
    pullRequestNow: async (repository, number, timeoutMs) => {
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
      const counted = jobs.filter(({ status, allow_failure }) => status !== "failed" || !allow_failure);
      const checks = checksOf(counted.map(({ name, status }) => ({ name, state: stateOf(status) })));
      return { pullRequest: shown(request), checks };
    },
  };
}
