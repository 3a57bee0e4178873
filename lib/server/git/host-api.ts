import { z } from "zod";
import { boundedFinding, type Finding, MAX_FINDINGS } from "#domain/findings.ts";
import { readEnd, readText, TooLarge } from "#net/body.ts";
import { transportKindOf } from "#net/transport.ts";
import { VERSION } from "#domain/version.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { ForbiddenAddress, guardedFetch } from "../net/guarded-fetch.ts";

export interface PullRequest {
  number: number;
  url: string;
  title: string;
  state: "draft" | "open" | "merged" | "closed";
}

/** What a host's checks of a branch's last commit say. */
export interface Checks {
  state: "none" | "pending" | "passed" | "failed";
  total: number;
  /** The names of those that failed, at most `MAX_FAILED`. */
  failed: string[];
}

/** What keeps a pull request from being ready. */
export interface Findings {
  pullRequest: PullRequest;
  checks: Checks;
  /** Whether any check still runs, also where another one has failed. */
  running: boolean;
  /** The last commit that the host knows; some name it in short. */
  head: string;
  /** Checks that failed, and comments that nobody has marked as resolved: at most `MAX_FINDINGS`. */
  findings: Finding[];
}

export interface NewPullRequest {
  title: string;
  body: string;
  head: string;
  base: string;
  draft: boolean;
  /** As the host names people. */
  reviewers: string[];
}

/** What Studio asks of a host besides git. Every method throws HttpError git_failed with what the host says. */
export interface HostApi {
  /** The name of the account that the credential belongs to. */
  whoAmI(timeoutMs?: number): Promise<string>;
  /** The branch that pull requests of a repository go to by default. */
  mainBranch(repository: string): Promise<string>;
  /** Opens a pull request, and asks people to review it; `warning`: what could not be done besides. */
  openPullRequest(
    repository: string,
    given: NewPullRequest,
  ): Promise<{ pullRequest: PullRequest; warning: string | null }>;
  /** Changes what a pull request says: `change` gets what it says now. */
  changeBody(repository: string, number: number, change: (body: string) => string): Promise<void>;
  /** What became of a pull request, and of its checks. */
  pullRequestNow(
    repository: string,
    number: number,
    timeoutMs: number,
  ): Promise<{ pullRequest: PullRequest; checks: Checks }>;
  /** What checks that failed say, and what reviewers have written. */
  findings(repository: string, number: number, timeoutMs: number): Promise<Findings>;
}

const MAX_FAILED = 20;
const MAX_NAME_CHARS = 200;
export const ANSWER_MS = 20_000;
export const MAX_ANSWER_BYTES = 5_000_000;
/** Of a job's log, of which the end is kept. */
export const MAX_LOG_BYTES = 50_000_000;
/** Logs of failed jobs that are read: each is a request. */
export const MAX_LOGS = 10;

/** One check of a commit, in whatever words its host has for it. */
export interface Check {
  name: string;
  state: "pending" | "passed" | "failed";
}

/** Checks in one word: failed as soon as one has, passed once all have. */
export function checksOf(all: readonly Check[]): Checks {
  const failed = all.filter(({ state }) => state === "failed").map(({ name }) => name);
  const pending = all.some(({ state }) => state === "pending");
  const state = all.length === 0 ? "none" : failed.length > 0 ? "failed" : pending ? "pending" : "passed";
  const shown = failed.slice(0, MAX_FAILED).map((name) => name.slice(0, MAX_NAME_CHARS));
  return { state, total: all.length, failed: shown };
}

/** What an API says of a pull request in several answers, as one. */
export function findingsOf(
  pullRequest: PullRequest,
  head: string,
  all: readonly Check[],
  found: readonly Finding[],
): Findings {
  const seen = new Map<string, number>();
  const named = found.slice(0, MAX_FINDINGS).map((one) => {
    const bounded = boundedFinding(one);
    const before = seen.get(bounded.key) ?? 0;
    seen.set(bounded.key, before + 1);
    // Two checks of different apps may have the same name.
    return before === 0 ? bounded : { ...bounded, key: `${bounded.key} (${before + 1})` };
  });
  return {
    pullRequest,
    checks: checksOf(all),
    running: all.some(({ state }) => state === "pending"),
    head,
    findings: named,
  };
}

/** A check that failed, and whatever its host says about it. */
export const checkFinding = (name: string, text: string, url: string | null | undefined): Finding => ({
  key: `check:${name}`,
  kind: "check",
  name,
  path: null,
  line: null,
  text,
  url: url ?? null,
});

/** A title that can be shown. */
export const titleOf = (text: string): string => text.slice(0, 250).trim() || "Pull request";

/** An address that a page can link to. */
export const linkSchema = z
  .string()
  .max(1_000)
  .regex(/^https?:\/\//);

/** Asks people to review; where that fails, the pull request is there all the same. */
export async function withReviewers(
  pullRequest: PullRequest,
  reviewers: readonly string[],
  ask: () => Promise<unknown>,
): Promise<{ pullRequest: PullRequest; warning: string | null }> {
  if (reviewers.length === 0) return { pullRequest, warning: null };
  try {
    await ask();
    return { pullRequest, warning: null };
  } catch (error) {
    // They can be asked on its own page.
    const words = error instanceof Error ? error.message : String(error);
    return { pullRequest, warning: `The reviewers weren't asked: ${words}` };
  }
}

/** What went wrong with a request to a host's API, as a refusal. @returns undefined where that is unknown */
export function refusalOf(thrown: unknown, host: string, timeoutMs: number): HttpError | undefined {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (thrown instanceof HttpError) return thrown;
  if (cause instanceof ForbiddenAddress) return refuse("git_address_forbidden", { fault: cause.message });
  if (thrown instanceof z.ZodError || thrown instanceof SyntaxError || cause instanceof TooLarge)
    return refuse("git_api_strange", { host });
  const kind = transportKindOf(thrown);
  if (kind === "timeout") return refuse("git_silent", { host, seconds: timeoutMs / 1_000 });
  return kind === undefined ? undefined : refuse("git_unreachable", { host });
}

const words = z.string().max(10_000);
/** How hosts say what is wrong: GitLab, Gitea, Bitbucket. */
const faultSchema = z.union([
  z.object({ message: words }).transform(({ message }) => message),
  z.object({ message: z.array(words) }).transform(({ message }) => message.join(": ")),
  z.object({ error: words }).transform(({ error }) => error),
  z.object({ error: z.object({ message: words }) }).transform(({ error }) => error.message),
]);

function faultIn(text: string, status: number): string {
  try {
    const parsed = faultSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data.slice(0, 400);
  } catch {
    // Not JSON: a page of a proxy's, as it may be.
  }
  return `It sent ${status}.`;
}

/** Requests to a host's REST API with a credential: bounded, and only where people's addresses may lead. */
export class RestApi {
  readonly #apiUrl: string;
  readonly #authorization: string;

  constructor(apiUrl: string, authorization: string) {
    this.#apiUrl = apiUrl.replace(/\/+$/, "");
    this.#authorization = authorization;
  }

  /** @param path with its query, each part of it encoded @throws HttpError git_failed with what the host says */
  async ask<T>(
    method: "GET" | "POST" | "PUT" | "PATCH",
    path: string,
    schema: z.ZodType<T>,
    { body, timeoutMs = ANSWER_MS }: { body?: object; timeoutMs?: number } = {},
  ): Promise<T> {
    return await this.#send(method, path, { body, timeoutMs }, (text) =>
      schema.parse(text === "" ? null : JSON.parse(text)),
    );
  }

  /** The end of a text that may be long, such as a check's log. @throws HttpError git_failed with what the host says */
  async endOf(path: string, maxBytes: number, timeoutMs: number): Promise<string> {
    return await this.#send("GET", path, { timeoutMs, keepBytes: maxBytes }, (text) => text);
  }

  async #send<T>(
    method: "GET" | "POST" | "PUT" | "PATCH",
    path: string,
    { body, timeoutMs, keepBytes }: { body?: object | undefined; timeoutMs: number; keepBytes?: number },
    read: (text: string) => T,
  ): Promise<T> {
    const host = new URL(this.#apiUrl).host;
    try {
      const answer = await guardedFetch(
        `${this.#apiUrl}${path}`,
        {
          method,
          headers: {
            accept: "application/json, text/plain",
            authorization: this.#authorization,
            "user-agent": `studio/${VERSION}`,
            ...(body && { "content-type": "application/json" }),
          },
          signal: AbortSignal.timeout(timeoutMs),
          ...(body && { body: Buffer.from(JSON.stringify(body)) }),
        },
        guardPolicy(),
      );
      const { status } = answer;
      const text = await (keepBytes !== undefined && status < 400
        ? readEnd(answer, { keep: keepBytes, max: MAX_LOG_BYTES })
        : readText(answer, MAX_ANSWER_BYTES));
      if (status === 401) throw refuse("git_api_credential", { host });
      if (status >= 400) throw refuse("git_api_refused", { host, status, words: faultIn(text, status) });
      return read(text);
    } catch (error) {
      throw refusalOf(error, host, timeoutMs) ?? error;
    }
  }
}
