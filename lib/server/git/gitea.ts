import { z } from "zod";
import {
  checksOf,
  type HostApi,
  linkSchema,
  type PullRequest,
  RestApi,
  titleOf,
  withReviewers,
} from "./host-api.ts";

/** The REST API of Gitea and Forgejo, version 1: https://docs.gitea.com/api, https://forgejo.org/docs/latest/user/api-usage */

const pullSchema = z.object({
  number: z.number().int().positive(),
  html_url: linkSchema,
  title: z.string(),
  state: z.string(),
  merged: z.boolean().optional(),
  draft: z.boolean().optional(),
  head: z.object({ sha: z.string().max(64) }),
});
const statusSchema = z.object({
  statuses: z.array(z.object({ context: z.string(), status: z.string() })).nullable(),
});

const WORK_IN_PROGRESS = "WIP: ";

function shown({ number, html_url, title, state, merged, draft }: z.output<typeof pullSchema>): PullRequest {
  const isDraft = draft ?? title.startsWith(WORK_IN_PROGRESS);
  return {
    number,
    url: html_url,
    title: titleOf(title),
    state: merged === true ? "merged" : state === "closed" ? "closed" : isDraft ? "draft" : "open",
  };
}

export function giteaApi(apiUrl: string, token: string): HostApi {
  const rest = new RestApi(apiUrl, `token ${token}`);
  const place = (repository: string) => `/repos/${repository.split("/").map(encodeURIComponent).join("/")}`;
  return {
    whoAmI: async (timeoutMs) =>
      (
        await rest.ask("GET", "/user", z.object({ login: z.string().max(200) }), {
          ...(timeoutMs && { timeoutMs }),
        })
      ).login,
    mainBranch: async (repository) =>
      (await rest.ask("GET", place(repository), z.object({ default_branch: z.string().min(1).max(200) })))
        .default_branch,
    openPullRequest: async (repository, { title, body, head, base, draft, reviewers }) => {
      const made = await rest.ask("POST", `${place(repository)}/pulls`, pullSchema, {
        body: { title: draft ? `${WORK_IN_PROGRESS}${title}` : title, body, head, base },
      });
      return await withReviewers(shown(made), reviewers, async () => {
        const path = `${place(repository)}/pulls/${made.number}/requested_reviewers`;
        await rest.ask("POST", path, z.unknown(), { body: { reviewers } });
      });
    },
    pullRequestNow: async (repository, number, timeoutMs) => {
      const pull = await rest.ask("GET", `${place(repository)}/pulls/${number}`, pullSchema, { timeoutMs });
      const { statuses } = await rest.ask(
        "GET",
        `${place(repository)}/commits/${encodeURIComponent(pull.head.sha)}/status`,
        statusSchema,
        { timeoutMs },
      );
      const checks = (statuses ?? []).map(({ context, status }) => ({
        name: context,
        state:
          status === "pending"
            ? ("pending" as const)
            : ["error", "failure"].includes(status)
              ? ("failed" as const)
              : ("passed" as const),
      }));
      return { pullRequest: shown(pull), checks: checksOf(checks) };
    },
  };
}
