import { execFile } from "node:child_process";
import fs from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Variables } from "../environment.ts";
import type { FunctionLog } from "./function-log.ts";
import { PushError } from "../pushes/pushed.ts";
import type { Pushes } from "../pushes/pushes.ts";
import type { Imports } from "./imports.ts";
import { RequestError } from "./request-error.ts";

/** What the holder of the admin key may have done, besides calls of functions. */
export interface AdminParts {
  /** The data folder. */
  data: string;
  /** Where snapshots are made. */
  exports: string;
  variables: Variables;
  log: FunctionLog;
  imports: Imports;
  pushes: Pushes;
}

const RUNTIME = fileURLToPath(new URL("../main.mjs", import.meta.url));

/** The requests of `npx convex` that are no calls of functions (convex 1.48.0, src/cli). */
export class AdminApi {
  private readonly parts: AdminParts;
  private exporting = false;

  constructor(parts: AdminParts) {
    this.parts = parts;
  }

  /** Whether a path is one of these. */
  knows(pathname: string): boolean {
    return /^\/api\/(export\/|import\/|perform_import$|update_environment_variables$|stream_function_logs$|deploy2\/|get_config_hashes$)/.test(
      pathname,
    );
  }

  /** To be called for the admin alone. @param body reads the request's JSON. @throws RequestError */
  async respond(
    request: IncomingMessage,
    response: ServerResponse,
    body: () => Promise<Record<string, unknown>>,
  ): Promise<void> {
    const { pathname, searchParams } = new URL(`http://runtime${request.url ?? "/"}`);
    const [, zip] = /^\/api\/export\/zip\/(\d+)$/.exec(pathname) ?? [];
    if (zip !== undefined && request.method === "GET") return this.download(response, zip);
    if (request.method === "GET" && pathname === "/api/stream_function_logs") {
      const left = new AbortController();
      response.once("close", () => left.abort());
      const news = await this.parts.log.after(Number(searchParams.get("cursor") ?? 0), left.signal);
      return end(response, news);
    }
    if (request.method === "POST" && pathname === "/api/export/request/zip") {
      request.resume();
      await this.export(searchParams.get("includeStorage") === "true");
      return end(response);
    }
    if (request.method === "POST" && /^\/api\/(import\/|perform_import$)/.test(pathname)) {
      return end(response, await this.parts.imports.respond(request, pathname, searchParams, body));
    }
    if (request.method === "POST" && pathname === "/api/update_environment_variables") {
      const { changes } = await body();
      await this.parts.variables.change(changesOf(changes));
      return end(response);
    }
    if (request.method === "POST" && pathname === "/api/get_config_hashes") {
      request.resume();
      return end(response, this.parts.pushes.hashes());
    }
    if (request.method === "POST" && pathname === "/api/deploy2/start_push")
      return end(response, await this.analyze(await body()));
    if (pathname.startsWith("/api/deploy2/"))
      throw new RequestError(
        400,
        "ServesItsFolder",
        "This runtime serves the folder that it was started with (--dir), and takes changes from there (--watch): nothing can be deployed to it.",
      );
    throw new RequestError(404, "NotFound", `There is nothing at ${pathname}.`);
  }

  private async analyze(pushed: Record<string, unknown>): Promise<object> {
    try {
      return await this.parts.pushes.analyze(pushed);
    } catch (error) {
      if (error instanceof PushError) throw new RequestError(400, "InvalidPush", error.message);
      throw error;
    }
  }

  /** Makes a snapshot in another process, so that this one goes on answering; older ones are removed. */
  private async export(files: boolean): Promise<void> {
    if (this.exporting)
      throw new RequestError(400, "ExportInProgress", "There is already an export in progress.");
    this.exporting = true;
    try {
      const { data, exports } = this.parts;
      const older = fs.existsSync(exports) ? fs.readdirSync(exports) : [];
      const file = path.join(exports, `${BigInt(Date.now()) * 1_000_000n}.zip`);
      const flags = ["--data", data, "--file", file, ...(files ? [] : ["--without-files"])];
      await promisify(execFile)(process.execPath, ["--", RUNTIME, "export", ...flags]);
      for (const name of older) fs.rmSync(path.join(exports, name), { force: true });
    } finally {
      this.exporting = false;
    }
  }

  private async download(response: ServerResponse, time: string): Promise<void> {
    const file = path.join(this.parts.exports, `${time}.zip`);
    if (!fs.existsSync(file)) throw new RequestError(404, "ExportNotFound", `There is no export ${time}.`);
    response.setHeader("content-type", "application/zip");
    response.setHeader("content-disposition", `attachment; filename=snapshot_${time}.zip`);
    response.setHeader("content-length", fs.statSync(file).size);
    await pipeline(fs.createReadStream(file), response);
  }
}

function end(response: ServerResponse, value: unknown = null): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}

/** @throws RequestError for anything but a list of names with their values, null for those to remove */
function changesOf(changes: unknown): [string, string | null][] {
  const wrong = (what: string): never => {
    throw new RequestError(400, "InvalidEnvironmentVariable", what);
  };
  if (!Array.isArray(changes)) return wrong("The changes must be a list.");
  return changes.map((change: unknown): [string, string | null] => {
    const { name, value = null } = (change ?? {}) as { name?: unknown; value?: unknown };
    if (typeof name !== "string" || !/^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(name))
      return wrong("A variable's name must have up to 40 letters, digits and underscores.");
    if (value !== null && typeof value !== "string") return wrong(`The value of ${name} must be a string.`);
    return [name, value];
  });
}
