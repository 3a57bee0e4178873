import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";

const BACKEND = path.join(
  spawnSync("git", ["--exec-path"], { encoding: "utf8" }).stdout.trim(),
  "git-http-backend",
);

/** Who a test's server lets in. */
export const GIT_USER = "studio";
export const GIT_PASSWORD = "hunter2-of-the-git-server";

/** Runs git, without the machine's own configuration. @throws Error with its words */
export function git(cwd: string, args: readonly string[], input?: string | Buffer): string {
  const ran = spawnSync("git", args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64_000_000,
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "Test",
      GIT_AUTHOR_EMAIL: "test@example.com",
      GIT_COMMITTER_NAME: "Test",
      GIT_COMMITTER_EMAIL: "test@example.com",
    },
    ...(input !== undefined && { input }),
  });
  if (ran.status !== 0) throw new Error(`git ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout;
}

/**
 * `refuses-packs`: it lets git ask whether it may push, and refuses what is pushed while that is still being sent.
 * `stalls-fetches`, `revokes-fetches`: it says what there is, and then sends nothing of it, or no longer knows the
 * credential.
 */
type Mode = "open" | "stalls" | "refuses" | "refuses-packs" | "stalls-fetches" | "revokes-fetches";

/** A git server of git's own (`git http-backend`), behind a user name and a password. */
export class GitServer {
  readonly root: string;
  readonly #server: http.Server;
  /** What it does with requests from now on. */
  mode: Mode = "open";
  /** Requests so far: method and path. */
  readonly seen: string[] = [];

  private constructor(root: string) {
    this.root = root;
    this.#server = http.createServer((request, response) => this.#take(request, response));
  }

  static async start(): Promise<GitServer> {
    const server = new GitServer(fs.mkdtempSync(path.join(os.tmpdir(), "git-server-")));
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Its address with the credential in it, for a git of the test's own. */
  get ownUrl(): string {
    return this.url.replace("://", `://${GIT_USER}:${GIT_PASSWORD}@`);
  }

  /** Where a repository is on the disk. */
  at(name: string): string {
    return path.join(this.root, `${name}.git`);
  }

  /** Makes a repository, empty or with what `git fast-import` takes. */
  make(name: string, stream?: string | Buffer): string {
    const place = this.at(name);
    fs.mkdirSync(place, { recursive: true });
    git(place, ["init", "-q", "--bare", "-b", "main"]);
    git(place, ["config", "http.receivepack", "true"]);
    if (stream !== undefined) git(place, ["fast-import", "--quiet"], stream);
    return place;
  }

  #take(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.seen.push(`${request.method} ${request.url}`);
    if (this.mode === "stalls") return;
    const given = /^Basic (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const [user = "", password] = Buffer.from(given, "base64").toString("utf8").split(":");
    // Whom GitHub takes a token from, too.
    const known = [GIT_USER, "x-access-token"].includes(user) && password === GIT_PASSWORD;
    if (this.mode === "refuses" || !known) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' });
      response.end("no");
      request.resume();
      return;
    }
    if (this.mode === "refuses-packs" && request.method === "POST") {
      request.once("data", (first: Buffer) => {
        const isQuestion = first.toString("latin1") === "0000";
        response.writeHead(isQuestion ? 200 : 401, {
          "content-type": "application/x-git-receive-pack-result",
        });
        response.end();
        // As servers do: what still comes is read, so that the answer is not lost with the connection.
        request.resume();
      });
      return;
    }
    const url = new URL(request.url ?? "/", this.url);
    if (this.mode.endsWith("-fetches") && request.method === "POST") {
      const isStalling = this.mode === "stalls-fetches";
      request.once("readable", () => {
        const first = request.read() as Buffer | null;
        if (first) request.unshift(first);
        if (!first?.includes("command=fetch")) return this.#pass(request, response, url);
        if (isStalling) return undefined;
        response.writeHead(401, { "www-authenticate": 'Basic realm="git"' });
        response.end("no");
        return request.resume();
      });
      return;
    }
    this.#pass(request, response, url);
  }

  /** Has git itself respond. */
  #pass(request: http.IncomingMessage, response: http.ServerResponse, url: URL): void {
    const child = spawn(BACKEND, [], {
      env: {
        NODE_ENV: "test",
        PATH: process.env["PATH"],
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        ...(request.headers["content-length"] && { CONTENT_LENGTH: request.headers["content-length"] }),
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        REMOTE_USER: GIT_USER,
        REMOTE_ADDR: "127.0.0.1",
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    request.pipe(child.stdin);
    child.stdin.on("error", () => undefined);
    let head = Buffer.alloc(0);
    const onHead = (piece: Buffer) => {
      head = Buffer.concat([head, piece]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      child.stdout.off("data", onHead);
      const headers = head.toString("latin1", 0, end).split("\r\n");
      let status = 200;
      for (const line of headers) {
        const [name = "", ...rest] = line.split(": ");
        const value = rest.join(": ");
        if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.writeHead(status);
      response.write(head.subarray(end + 4));
      child.stdout.pipe(response);
    };
    child.stdout.on("data", onHead);
    child.on("close", () => response.end());
    response.on("close", () => child.kill());
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

const WHO = "Test <test@example.com> 1700000000 +0000";
const data = (text: string | Buffer) => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
};

/** A commit on `main` with these files, for `git fast-import`. @param modes of files that are no plain ones */
export function commitOf(
  files: Readonly<Record<string, string | Buffer>>,
  modes: Readonly<Record<string, string>> = {},
): Buffer {
  return Buffer.concat([
    Buffer.from(`commit refs/heads/main\ncommitter ${WHO}\n`),
    data("Begin"),
    ...Object.entries(files).flatMap(([name, content]) =>
      modes[name] === "160000"
        ? [Buffer.from(`M 160000 ${String(content)} ${name}\n`)]
        : [Buffer.from(`M ${modes[name] ?? "100644"} inline ${name}\n`), data(content)],
    ),
    Buffer.from("\ndone\n"),
  ]);
}
