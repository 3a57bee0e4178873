import { type KeyObject, verify } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";

interface Pull {
  number: number;
  html_url: string;
  title: string;
  body: string;
  state: "open" | "closed";
  draft: boolean;
  merged_at: string | null;
  head: { ref: string; sha: string };
  base: { ref: string };
  requested_reviewers: { login: string }[];
}

/**
 * As much of GitHub's REST API as a session uses, with answers in the documented shapes
 * (https://docs.github.com/en/rest/pulls/pulls), for the official client's base URL.
 */
export class GitHubStandIn {
  readonly #server: http.Server;
  readonly #token: string;
  readonly pulls: Pull[] = [];
  /** What its checks say of every commit: https://docs.github.com/en/rest/checks/runs */
  checkRuns: {
    name: string;
    status: string;
    conclusion: string | null;
    id?: number;
    html_url?: string;
    app?: { slug: string };
    output?: { title: string | null; summary: string | null; text: string | null; annotations_count: number };
  }[] = [];
  /** The same by the commit, where that matters. */
  checksOf: ((sha: string) => GitHubStandIn["checkRuns"]) | undefined;
  /** Of check runs, by their ids: https://docs.github.com/en/rest/checks/runs#list-check-run-annotations */
  annotations: Record<number, { path: string; start_line: number; message: string }[]> = {};
  /** Of jobs, by their ids, as they lie behind an address of their own: null for one that may not be read. */
  logs: Record<number, string | null> = {};
  /** Requests for a log that brought a credential along. */
  logCredentials = 0;
  /** Of every pull request: https://docs.github.com/en/rest/pulls/comments and /reviews */
  comments: object[] = [];
  reviews: object[] = [];
  /** What a commit is that pull requests have. */
  headOf: ((branch: string) => string) | undefined;
  /** What others say of it: https://docs.github.com/en/rest/commits/statuses */
  statuses: { context: string; state: string; description?: string; target_url?: string }[] = [];
  /** Requests so far: method and path. */
  readonly seen: string[] = [];
  /** An app that may sign in: https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
  app: { id: string; installation: string; publicKey: KeyObject; isSuspended?: boolean } | undefined;
  /** How long tokens of it hold. */
  appTokenMs = 60 * 60_000;

  private constructor(token: string) {
    this.#token = token;
    this.#server = http.createServer((request, response) => void this.#take(request, response));
  }

  static async start(token: string): Promise<GitHubStandIn> {
    const made = new GitHubStandIn(token);
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<unknown> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const path = (request.url ?? "").split("?")[0] ?? "";
    this.seen.push(`${request.method} ${path}`);
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
      response.end(JSON.stringify(body));
    };
    const docs = "https://docs.github.com/rest";
    const stored = /^\/stored-logs\/(\d+)$/.exec(path)?.[1];
    if (stored !== undefined) {
      if (request.headers.authorization !== undefined) this.logCredentials += 1;
      response.writeHead(200, { "content-type": "text/plain" });
      return response.end(this.logs[Number(stored)] ?? "");
    }
    const installation = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path)?.[1];
    if (installation !== undefined)
      return send(...this.#appToken(request.headers.authorization ?? "", installation));
    if (request.headers.authorization !== `token ${this.#token}`)
      return send(401, { message: "Bad credentials", documentation_url: docs, status: "401" });
    const given = JSON.parse(Buffer.concat(pieces).toString("utf8") || "{}") as {
      title?: string;
      body?: string;
      head?: string;
      base?: string;
      draft?: boolean;
      reviewers?: string[];
    };
    const [, repository, number, more] =
      /^\/repos\/([^/]+\/[^/]+)(?:\/pulls(?:\/(\d+)(\/\w+)?)?)?$/.exec(path) ?? [];
    const [, about] = /^\/repos\/[^/]+\/[^/]+\/commits\/[0-9a-f]{40}\/(check-runs|status)$/.exec(path) ?? [];
    if (about === "check-runs") {
      const runs = this.checksOf?.(/commits\/([0-9a-f]+)/.exec(path)?.[1] ?? "") ?? this.checkRuns;
      return send(200, { total_count: runs.length, check_runs: runs });
    }
    const annotated = /\/check-runs\/(\d+)\/annotations$/.exec(path)?.[1];
    if (annotated) return send(200, this.annotations[Number(annotated)] ?? []);
    const job = /\/actions\/jobs\/(\d+)\/logs$/.exec(path)?.[1];
    if (job !== undefined) {
      if (typeof this.logs[Number(job)] !== "string")
        return send(403, { message: "Resource not accessible by personal access token", status: "403" });
      response.writeHead(302, { location: `${this.url}/stored-logs/${job}` });
      return response.end();
    }
    if (about === "status") return send(200, { state: "pending", statuses: this.statuses });
    if (path === "/user") return send(200, { login: "studio-bot", id: 1, type: "User" });
    if (repository === undefined)
      return send(404, { message: "Not Found", documentation_url: docs, status: "404" });
    if (!path.includes("/pulls")) return send(200, { full_name: repository, default_branch: "main" });
    const pull = this.pulls.find((one) => one.number === Number(number));
    if (number !== undefined && !pull)
      return send(404, { message: "Not Found", documentation_url: docs, status: "404" });
    if (pull && more === "/requested_reviewers") {
      if (given.reviewers?.includes("nobody"))
        return send(422, {
          message: "Reviews may only be requested from collaborators.",
          documentation_url: docs,
          status: "422",
        });
      pull.requested_reviewers.push(...(given.reviewers ?? []).map((login) => ({ login })));
      return send(201, pull);
    }
    if (pull && more === "/comments") return send(200, this.comments);
    if (pull && more === "/reviews") return send(200, this.reviews);
    if (pull && request.method === "PATCH") pull.body = given.body ?? pull.body;
    if (pull) return send(200, { ...pull, head: { ...pull.head, sha: this.#shaOf(pull) } });
    if (this.pulls.some(({ head }) => head.ref === given.head))
      return send(422, {
        message: "Validation Failed",
        errors: [
          {
            resource: "PullRequest",
            code: "custom",
            message: `A pull request already exists for ${repository.split("/")[0]}:${given.head}.`,
          },
        ],
        documentation_url: docs,
        status: "422",
      });
    const made: Pull = {
      number: this.pulls.length + 1,
      html_url: `https://github.com/${repository}/pull/${this.pulls.length + 1}`,
      title: given.title ?? "",
      body: given.body ?? "",
      state: "open",
      draft: given.draft ?? false,
      merged_at: null,
      head: { ref: given.head ?? "", sha: "5".repeat(40) },
      base: { ref: given.base ?? "" },
      requested_reviewers: [],
    };
    this.pulls.push(made);
    return send(201, made);
  }

  #appToken(authorization: string, installation: string): [status: number, body: object] {
    const jwt = /^bearer (([\w-]+\.[\w-]+)\.([\w-]+))$/i.exec(authorization);
    const signed = jwt?.[2] ?? "";
    const signature = Buffer.from(jwt?.[3] ?? "", "base64url");
    const { app } = this;
    if (!app || !verify("RSA-SHA256", Buffer.from(signed), app.publicKey, signature))
      return [401, { message: "A JSON web token could not be decoded" }];
    const payload = JSON.parse(Buffer.from(signed.split(".")[1] ?? "", "base64url").toString()) as {
      iss: unknown;
    };
    if (String(payload.iss) !== app.id) return [404, { message: "Integration not found" }];
    if (installation !== app.installation) return [404, { message: "Not Found" }];
    if (app.isSuspended) return [403, { message: "This installation has been suspended" }];
    const expires_at = new Date(Date.now() + this.appTokenMs).toISOString();
    return [201, { token: this.#token, expires_at, permissions: {}, repository_selection: "all" }];
  }

  #shaOf({ head }: Pull): string {
    return this.headOf?.(head.ref) ?? head.sha;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
