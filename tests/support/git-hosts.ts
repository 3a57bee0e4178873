import http from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}
type Answer = [status: number, body: unknown];

/** A host's REST API: what it takes a token by, and what it returns; null for what it does not know. */
interface Host {
  authorization: (token: string) => string;
  unauthorized: unknown;
  answer: (asked: Asked, state: HostState) => Answer | null;
}

/** What a test sets, and what was sent. */
interface HostState {
  /** Of the one request to merge that there is. */
  state: string;
  /** Check name and its state, in the host's own word. */
  checks: Record<string, string>;
  /** What a check says of itself, by its name, as far as its host has that. */
  logs?: Record<string, string>;
  /** In the host's own shape. */
  comments?: unknown[];
  opened?: Record<string, unknown>;
  reviewers?: unknown;
  /** What the request to merge says, once that was changed. */
  body?: unknown;
}

const SHA = "5".repeat(40);

/** https://docs.gitlab.com/api/merge_requests, /api/pipelines, /api/jobs, /api/users */
const gitlab: Host = {
  authorization: (token) => `Bearer ${token}`,
  unauthorized: { message: "401 Unauthorized" },
  answer: ({ method, path, query, body }, state) => {
    const merge = () => ({
      id: 900,
      iid: 7,
      web_url: "https://gitlab.com/acme/deep/shop/-/merge_requests/7",
      title: state.opened?.["title"],
      state: state.state,
      draft: String(state.opened?.["title"]).startsWith("Draft: "),
      sha: SHA,
      head_pipeline: Object.keys(state.checks).length > 0 ? { id: 31, sha: SHA, status: "running" } : null,
    });
    const project = "/projects/acme%2Fdeep%2Fshop";
    if (path === "/user") return [200, { id: 1, username: "studio-bot" }];
    if (path === "/users")
      return [200, query.get("username") === "mara" ? [{ id: 5, username: "mara" }] : []];
    if (path === project)
      return [200, { id: 3, path_with_namespace: "acme/deep/shop", default_branch: "main" }];
    if (path === `${project}/merge_requests` && method === "POST") {
      if (state.opened)
        return [409, { message: ["Another open merge request already exists for this source branch: !7"] }];
      state.opened = body;
      return [201, merge()];
    }
    if (path === `${project}/merge_requests/7`) {
      if (method === "PUT" && "description" in body) state.body = body["description"];
      else if (method === "PUT") state.reviewers = body["reviewer_ids"];
      return [200, { ...merge(), description: state.body ?? state.opened?.["description"] }];
    }
    if (path === `${project}/pipelines/31/jobs`)
      return [
        200,
        Object.entries(state.checks).map(([name, status]) => ({
          id: Object.keys(state.checks).indexOf(name) + 1,
          name,
          status,
          allow_failure: name.startsWith("optional"),
          web_url: `https://gitlab.com/acme/deep/shop/-/jobs/${name}`,
          failure_reason: status === "failed" ? "script_failure" : undefined,
        })),
      ];
    const job = /\/jobs\/(\d+)\/trace$/.exec(path)?.[1];
    if (job) return [200, state.logs?.[Object.keys(state.checks)[Number(job) - 1] ?? ""] ?? ""];
    if (path === `${project}/merge_requests/7/discussions`) return [200, state.comments ?? []];
    return null;
  },
};

/** https://docs.gitea.com/api: repoCreatePullRequest, repoGetCombinedStatusByRef, userGetCurrent */
const gitea: Host = {
  authorization: (token) => `token ${token}`,
  unauthorized: {
    message: "user does not exist [uid: 0, name: ]",
    url: "https://git.example.com/api/swagger",
  },
  answer: ({ method, path, body }, state) => {
    const pull = () => ({
      id: 900,
      number: 7,
      html_url: "https://git.example.com/acme/shop/pulls/7",
      title: state.opened?.["title"],
      state: state.state === "merged" ? "closed" : state.state,
      merged: state.state === "merged",
      head: { ref: state.opened?.["head"], sha: SHA },
    });
    if (path === "/user") return [200, { id: 1, login: "studio-bot" }];
    if (path === "/repos/acme/shop") return [200, { full_name: "acme/shop", default_branch: "main" }];
    if (path === "/repos/acme/shop/pulls" && method === "POST") {
      if (state.opened)
        return [
          409,
          { message: "pull request already exists for these targets", url: "https://git.example.com" },
        ];
      state.opened = body;
      return [201, pull()];
    }
    if (path === "/repos/acme/shop/pulls/7/requested_reviewers") {
      state.reviewers = body["reviewers"];
      const known = Array.isArray(body["reviewers"]) && body["reviewers"].every((one) => one === "mara");
      return known ? [201, []] : [404, { message: "user does not exist", url: "https://git.example.com" }];
    }
    if (path === "/repos/acme/shop/pulls/7") {
      if (method === "PATCH") state.body = body["body"];
      return [200, { ...pull(), body: state.body ?? state.opened?.["body"] }];
    }
    if (path === "/repos/acme/shop/pulls/7/reviews") return [200, state.comments ?? null];
    const review = /^\/repos\/acme\/shop\/pulls\/7\/reviews\/(\d+)\/comments$/.exec(path)?.[1];
    const reviews = (state.comments ?? []) as { id: number; its: unknown[] }[];
    if (review) return [200, reviews.find(({ id }) => id === Number(review))?.its ?? null];
    if (path === `/repos/acme/shop/commits/${SHA}/status`) {
      const statuses = Object.entries(state.checks).map(([context, status]) => ({
        context,
        status,
        description: state.logs?.[context],
        target_url: "https://git.example.com/job",
      }));
      return [200, { state: "pending", sha: SHA, statuses: statuses.length > 0 ? statuses : null }];
    }
    return null;
  },
};

/** https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests and -commit-statuses */
const bitbucket: Host = {
  authorization: (token) => `Bearer ${token}`,
  unauthorized: { type: "error", error: { message: "Token is invalid or not supported for this endpoint." } },
  answer: ({ method, path, body }, state) => {
    const place = "/repositories/acme/shop";
    const pull = () => ({
      type: "pullrequest",
      id: 7,
      title: state.opened?.["title"],
      state: state.state,
      draft: state.opened?.["draft"],
      links: { html: { href: "https://bitbucket.org/acme/shop/pull-requests/7" } },
      source: { branch: { name: "studio/x" }, commit: { type: "commit", hash: SHA.slice(0, 12) } },
    });
    if (path === "/user") return [200, { type: "user", display_name: "studio-bot", uuid: "{1}" }];
    if (path === place)
      return [200, { full_name: "acme/shop", mainbranch: { type: "branch", name: "main" } }];
    if (path === `${place}/pullrequests` && method === "POST") {
      if (state.opened)
        return [400, { type: "error", error: { message: "There is already a pull request." } }];
      state.opened = body;
      return [201, pull()];
    }
    if (path === `${place}/pullrequests/7`) {
      if (method === "PUT" && "description" in body) state.body = body["description"];
      else if (method === "PUT") state.reviewers = body["reviewers"];
      const described = { ...pull(), description: state.body ?? state.opened?.["description"] };
      return JSON.stringify(body).includes("{9}")
        ? [400, { type: "error", error: { message: "reviewers: {9} is not a valid user" } }]
        : [200, described];
    }
    if (path === `${place}/pullrequests/7/comments`)
      return [200, { pagelen: 100, values: state.comments ?? [] }];
    if (path === `${place}/commit/${SHA.slice(0, 12)}/statuses`)
      return [
        200,
        {
          pagelen: 100,
          values: Object.entries(state.checks).map(([name, one]) => ({
            key: "k",
            name,
            state: one,
            description: state.logs?.[name],
            url: "https://ci.example.com/1",
          })),
        },
      ];
    return null;
  },
};

const HOSTS = { gitlab, gitea, bitbucket };

/** As much of a git host's REST API as a session uses, with answers in the documented shapes. */
export class HostStandIn {
  readonly #server: http.Server;
  readonly state: HostState = { state: "opened", checks: {} };
  /** What it returns to everything instead. */
  instead: { status: number; body: string } | undefined;

  private constructor(kind: keyof typeof HOSTS, token: string) {
    const { authorization, unauthorized, answer } = HOSTS[kind];
    this.#server = http.createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        if (this.instead) {
          response.writeHead(this.instead.status, { "content-type": "text/html" });
          return response.end(this.instead.body);
        }
        const url = new URL(request.url ?? "/", "http://host.test");
        const body = JSON.parse(Buffer.concat(pieces).toString("utf8") || "{}") as Record<string, unknown>;
        const asked = { method: request.method ?? "GET", path: url.pathname, query: url.searchParams, body };
        const [status, sent] =
          request.headers.authorization === authorization(token)
            ? (answer(asked, this.state) ?? [
                404,
                { message: "404 Not found", error: { message: "Not found" } },
              ])
            : ([401, unauthorized] as const);
        response.writeHead(status, { "content-type": "application/json" });
        return response.end(typeof sent === "string" ? sent : JSON.stringify(sent));
      });
    });
  }

  static async start(kind: keyof typeof HOSTS, token: string): Promise<HostStandIn> {
    const made = new HostStandIn(kind, token);
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
