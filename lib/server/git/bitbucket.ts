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

/** Bitbucket Cloud's REST API, version 2: https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests */

const pullSchema = z.object({
  id: z.number().int().positive(),
  title: z.string(),
  state: z.string(),
  draft: z.boolean().optional(),
  links: z.object({ html: z.object({ href: linkSchema }) }),
  source: z.object({ commit: z.object({ hash: z.string().max(64) }).nullish() }),
});
const statusesSchema = z.object({
  values: z.array(z.object({ name: z.string().nullish(), key: z.string(), state: z.string() })),
});

const STATES: Record<string, PullRequest["state"]> = {
  MERGED: "merged",
  DECLINED: "closed",
  SUPERSEDED: "closed",
};
const shown = ({ id, title, state, draft, links }: z.output<typeof pullSchema>): PullRequest => ({
  number: id,
  url: links.html.href,
  title: titleOf(title),
  state: STATES[state] ?? (draft === true ? "draft" : "open"),
});

export function bitbucketApi(apiUrl: string, token: string): HostApi {
  const rest = new RestApi(apiUrl, `Bearer ${token}`);
  const place = (repository: string) =>
    `/repositories/${repository.split("/").map(encodeURIComponent).join("/")}`;
  return {
    whoAmI: async (timeoutMs) =>
      (
        await rest.ask("GET", "/user", z.object({ display_name: z.string().max(200) }), {
          ...(timeoutMs && { timeoutMs }),
        })
      ).display_name,
    mainBranch: async (repository) => {
      const schema = z.object({ mainbranch: z.object({ name: z.string().min(1).max(200) }) });
      return (await rest.ask("GET", place(repository), schema)).mainbranch.name;
    },
    openPullRequest: async (repository, { title, body, head, base, draft, reviewers }) => {
      const made = await rest.ask("POST", `${place(repository)}/pullrequests`, pullSchema, {
        body: {
          title,
          description: body,
          draft,
          source: { branch: { name: head } },
          destination: { branch: { name: base } },
        },
      });
      return await withReviewers(shown(made), reviewers, async () => {
        // People have no names of their own there: https://developer.atlassian.com/cloud/bitbucket/rest/intro
        const people = reviewers.map((one) => (one.startsWith("{") ? { uuid: one } : { account_id: one }));
        const path = `${place(repository)}/pullrequests/${made.id}`;
        await rest.ask("PUT", path, pullSchema, { body: { title: made.title, reviewers: people } });
      });
    },
    pullRequestNow: async (repository, number, timeoutMs) => {
      const path = `${place(repository)}/pullrequests/${number}`;
      const pull = await rest.ask("GET", path, pullSchema, { timeoutMs });
      const hash = pull.source.commit?.hash;
      const { values } =
        hash === undefined
          ? { values: [] }
          : await rest.ask(
              "GET",
              `${place(repository)}/commit/${encodeURIComponent(hash)}/statuses?pagelen=100`,
              statusesSchema,
              { timeoutMs },
            );
      const checks = values.map(({ name, key, state }) => ({
        name: name ?? key,
        state:
          state === "INPROGRESS"
            ? ("pending" as const)
            : state === "SUCCESSFUL"
              ? ("passed" as const)
              : ("failed" as const),
      }));
      return { pullRequest: shown(pull), checks: checksOf(checks) };
    },
  };
}
