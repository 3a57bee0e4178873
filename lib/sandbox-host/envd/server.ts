import fs from "node:fs";
import http from "node:http";
import {
  parseFrame,
  parseMessage,
  readBody,
  RpcError,
  ServerStream,
  text,
  textMap,
  toRpcError,
} from "./rpc.ts";
import { HttpError, sameSecret } from "./secrets.ts";
import { userOf } from "./users.ts";

// What not every sandbox needs makes no start longer.
const processes = () => import("./processes.ts");
const files = () => import("./files.ts");
const filesystem = () => import("./filesystem.ts");
const watching = () => import("./watch.ts");

const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
const DEFAULT_KEEPALIVE_SECONDS = 90;
/** What {@link warm} runs, which is what the SDK runs around every command. */
const NOTHING = { process: { cmd: "/bin/bash", args: ["-l", "-c", "true"] } };
const WARM_MS = 10_000;

/** What the host tells its envd once, before any other request. */
interface Settings {
  accessToken: string;
  env: Record<string, string>;
}

let settings: Settings | undefined;

function sendJson(res: http.ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function initialize(req: http.IncomingMessage): Promise<void> {
  if (settings) throw new HttpError(409, "already initialized");
  const message = parseMessage((await readBody(req, MAX_MESSAGE_BYTES)).toString());
  const accessToken = text(message, "accessToken");
  if (!accessToken) throw new HttpError(400, "accessToken is required");
  for (const folder of Array.isArray(message["folders"]) ? message["folders"] : []) {
    fs.mkdirSync(String(folder), { recursive: true });
  }
  settings = { accessToken, env: textMap(message, "env") };
}

/** Loads and opens what commands need, once. */
type Prepare = () => Promise<unknown>;

async function callStream(
  req: http.IncomingMessage,
  res: http.ServerResponse,
  method: string,
  env: Record<string, string>,
): Promise<void> {
  const body = await readBody(req, MAX_MESSAGE_BYTES);
  const stream = new ServerStream(res);
  const timeoutMs = Number(req.headers["connect-timeout-ms"] ?? 0);
  const keepAliveSeconds = Math.max(
    1,
    Number(req.headers["keepalive-ping-interval"]) || DEFAULT_KEEPALIVE_SECONDS,
  );
  try {
    const message = parseFrame(body);
    switch (method) {
      case "process.Process/Start":
        await (await processes()).startProcess(message, userOf(req), stream, { env, timeoutMs });
        stream.keepAlive(keepAliveSeconds, { event: { keepalive: {} } });
        return;
      case "process.Process/Connect":
        (await processes()).connectProcess(message, stream);
        stream.keepAlive(keepAliveSeconds, { event: { keepalive: {} } });
        break;
      case "filesystem.Filesystem/WatchDir":
        await (await watching()).watchDir(message, userOf(req), stream);
        stream.keepAlive(keepAliveSeconds, { keepalive: {} });
        break;
      default:
        throw new RpcError("unimplemented", `${method} is not emulated by this host`);
    }
    if (timeoutMs > 0) {
      const late = new RpcError("deadline_exceeded", "the stream was open longer than its timeout");
      const timer = setTimeout(() => stream.end(late), timeoutMs);
      stream.onClose(() => clearTimeout(timer));
    }
  } catch (error) {
    stream.end(toRpcError(error));
  }
}

async function call(req: http.IncomingMessage, res: http.ServerResponse, pathname: string): Promise<void> {
  const method = pathname.slice(1);
  const [service, name] = method.split("/");
  if (String(req.headers["content-type"]).startsWith("application/connect+json")) {
    return callStream(req, res, method, settings?.env ?? {});
  }
  const message = parseMessage((await readBody(req, MAX_MESSAGE_BYTES)).toString());
  const known = (table: object): boolean => name !== undefined && Object.hasOwn(table, name);
  if (service === "process.Process") {
    const { processMethods } = await processes();
    if (known(processMethods)) return sendJson(res, 200, await processMethods[name ?? ""]?.(message));
  }
  if (service === "filesystem.Filesystem") {
    const { filesystemMethods } = await filesystem();
    if (known(filesystemMethods)) {
      return sendJson(res, 200, await filesystemMethods[name ?? ""]?.(message, userOf(req)));
    }
  }
  throw new RpcError("unimplemented", `${method} is not emulated by this host`);
}

/** Runs nothing, as commands are run, so that the first one finds everything loaded. */
async function warm(req: http.IncomingMessage, res: http.ServerResponse, prepare: Prepare): Promise<void> {
  await prepare();
  const stream = new ServerStream(res);
  const env = { PATH: process.env["PATH"] ?? "" };
  await (await processes()).startProcess(NOTHING, userOf(req), stream, { env, timeoutMs: WARM_MS });
}

async function answer(req: http.IncomingMessage, res: http.ServerResponse, prepare: Prepare): Promise<void> {
  // Not by URL, whose first use loads tables of the world's host names.
  const [pathname = "/", search = ""] = (req.url ?? "/").split(/\?(.*)/s);
  const route = `${req.method} ${pathname}`;
  if (route === "POST /init") {
    await initialize(req);
    await prepare();
    return void res.writeHead(204).end();
  }
  if (!settings && route === "POST /warm") return warm(req, res, prepare);
  if (!settings) throw new HttpError(503, "the sandbox is not ready yet");
  if (route === "GET /health") return void res.writeHead(204).end();
  if (pathname === "/files") {
    const { downloadFile, uploadFiles } = await files();
    const query = new URLSearchParams(search);
    if (req.method === "GET") return downloadFile(req, res, query, settings.accessToken);
    if (req.method === "POST") {
      return sendJson(res, 200, await uploadFiles(req, query, settings.accessToken));
    }
  }
  if (!sameSecret(String(req.headers["x-access-token"] ?? ""), settings.accessToken)) {
    throw new HttpError(401, "a valid access token is required");
  }
  if (route === "GET /envs") return sendJson(res, 200, settings.env);
  if (req.method === "POST" && /^\/(process\.Process|filesystem\.Filesystem)\/\w+$/.test(pathname)) {
    return call(req, res, pathname);
  }
  throw new HttpError(404, `${route} does not exist`);
}

/**
 * E2B's envd API as a server that takes connections, and listens nowhere itself. `listen` opens the way out for
 * programs in here; no command starts before it is open.
 */
export function createEnvdServer(listen: () => Promise<void>): http.Server {
  let preparing: Promise<unknown> | undefined;
  const prepare: Prepare = () => (preparing ??= Promise.all([listen(), processes()]));
  const server = http.createServer((req, res) => {
    answer(req, res, prepare).catch((error: unknown) => {
      if (res.headersSent) return void res.destroy();
      if (error instanceof HttpError) {
        return sendJson(res, error.status, { code: error.status, message: error.message });
      }
      const failure = toRpcError(error);
      sendJson(res, failure.status, { code: failure.code, message: failure.message });
    });
  });
  // Commands and uploads last as long as they last; the host in front decides what is late.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  return server;
}
