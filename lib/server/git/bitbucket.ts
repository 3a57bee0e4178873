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
  values: z.array(
    z.object({
      name: z.string().nullish(),
      key: z.string(),
      state: z.string(),
      description: z.string().nullish(),
      url: z.string().nullish(),
    }),
  ),
});
type Status = z.output<typeof statusesSchema>["values"][number];
const commentsSchema = z.object({
  values: z.array(
    z.object({
      id: z.number().int(),
      content: z.object({ raw: z.string() }),
      user: z.object({ display_name: z.string() }).nullish(),
      inline: z
        .object({
          path: z.string(),
          to: z.number().int().nullish(),
          from: z.number().int().nullish(),
          /** True where the lines that it is about are no longer there. */
          outdated: z.boolean().nullish(),
        })
        .nullish(),
      deleted: z.boolean().nullish(),
      pending: z.boolean().nullish(),
      /** Set once somebody has marked it as resolved. */
      resolution: z.object({}).nullish(),
      parent: z.object({ id: z.number().int() }).nullish(),
      links: z.object({ html: z.object({ href: z.string() }).nullish() }).nullish(),
    }),
  ),
});

const checkOf = ({ name, key, state }: Status): Check => ({
  name: name ?? key,
  state: state === "INPROGRESS" ? "pending" : state === "SUCCESSFUL" ? "passed" : "failed",
});

/** Comments that nobody has resolved, each with its replies. */
function commentsIn({ values }: z.output<typeof commentsSchema>): Finding[] {
  const open = values.filter(({ deleted, pending }) => deleted !== true && pending !== true);
  return open
    .filter((one) => !one.parent && !one.resolution && one.inline?.outdated !== true)
    .map((one) => ({
      key: `comment:${one.id}`,
      kind: "comment",
      name: one.user?.display_name ?? "",
      path: one.inline?.path ?? null,
      line: one.inline?.to ?? one.inline?.from ?? null,
      text: [
        one.content.raw,
        ...open
          .filter(({ parent }) => parent?.id === one.id)
          .map(({ user, content }) => `${user?.display_name ?? "Somebody"}: ${content.raw}`),
      ].join("\n\n"),
      url: one.links?.html?.href ?? null,
    }));
}

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
  const pullNow = async (repository: string, number: number, timeoutMs: number) => {
    const path = `${place(repository)}/pullrequests/${number}`;
    const pull = await rest.ask("GET", path, pullSchema, { timeoutMs });
    const hash = pull.source.commit?.hash;
    if (hash === undefined) return { pull, statuses: [] };
    const asked = `${place(repository)}/commit/${encodeURIComponent(hash)}/statuses?pagelen=100`;
    return { pull, statuses: (await rest.ask("GET", asked, statusesSchema, { timeoutMs })).values };
  };
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
    changeBody: async (repository, number, change) => {
      const path = `${place(repository)}/pullrequests/${number}`;
      const now = await rest.ask(
        "GET",
        path,
        z.object({ title: z.string(), description: z.string().nullish() }),
      );
      const description = change(now.description ?? "");
      await rest.ask("PUT", path, z.unknown(), { body: { title: now.title, description } });
    },
    pullRequestNow: async (repository, number, timeoutMs) => {
      const { pull, statuses } = await pullNow(repository, number, timeoutMs);
      return { pullRequest: shown(pull), checks: checksOf(statuses.map(checkOf)) };
    },
    findings: async (repository, number, timeoutMs) => {
      const path = `${place(repository)}/pullrequests/${number}/comments?pagelen=100&sort=-created_on`;
      const [{ pull, statuses }, comments] = await Promise.all([
        pullNow(repository, number, timeoutMs),
        rest.ask("GET", path, commentsSchema, { timeoutMs }),
      ]);
      const failed = statuses
        .filter((one) => checkOf(one).state === "failed")
        .map((one) => checkFinding(one.name ?? one.key, one.description ?? "", one.url));
      const head = pull.source.commit?.hash ?? "";
      return findingsOf(shown(pull), head, statuses.map(checkOf), [...failed, ...commentsIn(comments)]);
    },
  };
}
