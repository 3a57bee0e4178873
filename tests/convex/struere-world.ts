import fs from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { afterEach, beforeEach, vi } from "vitest";
import type { Call } from "#cli/struere/project.ts";
import { Remote } from "#cli/struere/remote.ts";
import { keyOf } from "./project-world.ts";
import { ada, db, freshWorld } from "./world.ts";

let server: http.Server;
/** A folder for the test's projects, and a key of Ada's. */
export let root: string;
export let key: string;

/** What happens to a request on its way to Studio, and to its answer, by the path that was asked for. */
type OnTheWay = (path: string, when: "before" | "after") => "cut" | "pass";
let onTheWay: OnTheWay;
/** Has another thing happen from now on; without an argument, all of them pass. */
export const happens = (next: OnTheWay = () => "pass") => {
  onTheWay = next;
};

/** Before each test of the file that calls it: Studio's site, its functions of a fresh database behind a socket. */
export function freshSite(): void {
  freshWorld();
  beforeEach(async () => {
    happens();
    server = http.createServer((request, response) => {
      void (async () => {
        const url = request.url ?? "/";
        const body = await readAll(request);
        if (onTheWay(url, "before") === "cut") return void request.socket.destroy();
        const { authorization = "", "user-agent": agent = "" } = request.headers;
        const headers = { authorization, "user-agent": agent };
        const answer = await db.t.fetch(url, { method: "POST", headers, body });
        const told = await answer.text();
        if (onTheWay(url, "after") === "cut") return void request.socket.destroy();
        response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
        response.end(told);
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    root = await fs.mkdtemp(path.join(os.tmpdir(), "struere-"));
    // Where the command keeps what is a person's own.
    vi.stubEnv("HOME", path.join(root, "home"));
    key = await keyOf(db, ada);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    vi.unstubAllEnvs();
    await fs.rm(root, { recursive: true });
  });
}

/** How the command is called in a folder. @param by the key that it has */
export function call(folder: string, more: Partial<Call> = {}, by = key): Call {
  const { port } = server.address() as AddressInfo;
  const remote = new Remote({ STRUERE_API_KEY: by, STRUERE_CONVEX_SITE_URL: `http://127.0.0.1:${port}` });
  const options = { force: false, dryRun: false, delete: false, say: () => undefined };
  return { folder: path.join(root, folder), remote, ...options, ...more };
}

export async function write(folder: string, name: string, text: string): Promise<void> {
  const file = path.join(root, folder, name);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, text);
}

/** The last line that the command has said. */
export const last = (report: { lines: string[] }) => report.lines.at(-1);
