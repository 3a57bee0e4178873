import { z } from "zod";
import type { Finding } from "#domain/findings.ts";
import {
  type Check,
  checkFinding,
  checksOf,
  findingsOf,
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
  statuses: z
    .array(
      z.object({
        context: z.string(),
        status: z.string(),
        description: z.string().nullish(),
        target_url: z.string().nullish(),
      }),
    )
    .nullable(),
});
type Status = NonNullable<z.output<typeof statusSchema>["statuses"]>[number];
const who = z.object({ login: z.string() }).nullish();
const reviewsSchema = z
  .array(
    z.object({
      id: z.number().int(),
      state: z.string(),
      body: z.string().nullish(),
      user: who,
      html_url: z.string().nullish(),
      comments_count: z.number().int().nullish(),
      dismissed: z.boolean().nullish(),
    }),
  )
  .nullable();
type Review = NonNullable<z.output<typeof reviewsSchema>>[number];
const commentsSchema = z
  .array(
    z.object({
      id: z.number().int(),
      body: z.string(),
      path: z.string().nullish(),
      position: z.number().int().nullish(),
      user: who,
      /** Who has marked it as resolved. */
      resolver: who,
      html_url: z.string().nullish(),
    }),
  )
  .nullable();
/** Reviews whose comments are read: each is a request. */
const MAX_REVIEWS = 10;

const checkOf = ({ context, status }: Status): Check => ({
  name: context,
  state: status === "pending" ? "pending" : ["error", "failure"].includes(status) ? "failed" : "passed",
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
  const pullNow = async (repository: string, number: number, timeoutMs: number) => {
    const pull = await rest.ask("GET", `${place(repository)}/pulls/${number}`, pullSchema, { timeoutMs });
    const { statuses } = await rest.ask(
      "GET",
      `${place(repository)}/commits/${encodeURIComponent(pull.head.sha)}/status`,
      statusSchema,
      { timeoutMs },
    );
    return { pull, statuses: statuses ?? [] };
  };
  /** What a reviewer has written as a whole; an approval asks for nothing. */
  const bodyOf = ({ id, state, body, user, html_url }: Review): Finding[] =>
    !body || state === "APPROVED"
      ? []
      : [
          {
            key: `review:${id}`,
            kind: "comment",
            name: user?.login ?? "",
            path: null,
            line: null,
            text: body,
            url: html_url ?? null,
          },
        ];
  const commentsOf = async (path: string, timeoutMs: number): Promise<Finding[]> =>
    ((await rest.ask("GET", path, commentsSchema, { timeoutMs })) ?? [])
      .filter(({ resolver }) => !resolver)
      .map((one) => ({
        key: `comment:${one.id}`,
        kind: "comment",
        name: one.user?.login ?? "",
        path: one.path ?? null,
        line: one.position ?? null,
        text: one.body,
        url: one.html_url ?? null,
      }));
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
    changeBody: async (repository, number, change) => {
      const path = `${place(repository)}/pulls/${number}`;
      const now = await rest.ask("GET", path, z.object({ body: z.string().nullish() }));
      await rest.ask("PATCH", path, z.unknown(), { body: { body: change(now.body ?? "") } });
    },
    pullRequestNow: async (repository, number, timeoutMs) => {
      const { pull, statuses } = await pullNow(repository, number, timeoutMs);
      return { pullRequest: shown(pull), checks: checksOf(statuses.map(checkOf)) };
    },
    findings: async (repository, number, timeoutMs) => {
      const path = `${place(repository)}/pulls/${number}/reviews`;
      const [{ pull, statuses }, listed] = await Promise.all([
        pullNow(repository, number, timeoutMs),
        rest.ask("GET", path, reviewsSchema, { timeoutMs }),
      ]);
      const reviews = (listed ?? []).filter(
        ({ state, dismissed }) => state !== "PENDING" && dismissed !== true,
      );
      const failed = statuses
        .filter((one) => checkOf(one).state === "failed")
        .map(({ context, description, target_url }) => checkFinding(context, description ?? "", target_url));
      const commented = reviews.filter(({ comments_count }) => (comments_count ?? 0) > 0).slice(-MAX_REVIEWS);
      const comments = await Promise.all(
        commented.map(async ({ id }) => await commentsOf(`${path}/${id}/comments`, timeoutMs)),
      );
      const said = [...reviews.flatMap(bodyOf), ...comments.flat()];
      return findingsOf(shown(pull), pull.head.sha, statuses.map(checkOf), [...failed, ...said]);
    },
  };
}
