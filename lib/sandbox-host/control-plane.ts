import { createHash, timingSafeEqual } from "node:crypto";
import type http from "node:http";
import { ApiError } from "./errors.ts";
import { pageOf } from "./listing.ts";
import {
  connectSchema,
  createSchema,
  forkSchema,
  networkUpdateSchema,
  parseBody,
  pauseSchema,
  refreshSchema,
  rulesOf,
  snapshotSchema,
  specOf,
  timeoutSchema,
} from "./requests.ts";
import type { Refusals } from "./network/refusals.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Sandboxes } from "./sandboxes.ts";
import type { Snapshot, Snapshots } from "./snapshots.ts";
import type { Template } from "./templates.ts";

/** The envd whose behaviour is emulated: new enough for all that e2b@2.51.0 asks of one. */
const ENVD_VERSION = "0.6.9";
const MAX_BODY_BYTES = 2 ** 20;
/** E2B's defaults where the caller names no timeout: newer path, older path. */
const DEFAULT_TIMEOUT_SECONDS = { v2: 300, v1: 15 };

export interface ControlPlaneOptions {
  sandboxes: Sandboxes;
  refusals: Refusals;
  templates: ReadonlyMap<string, Template>;
  snapshots: Snapshots;
  domain: string;
  apiKey: string;
  /** What there was for sandboxes when the host started. */
  memoryMb: number;
}

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Call {
  id: string;
  isV2: boolean;
  body: unknown;
  query: URLSearchParams;
}

interface Route {
  method: string;
  pattern: RegExp;
  answer: (call: Call) => Reply | Promise<Reply>;
}

/** What this host does beyond E2B's API, for callers that ask (COMPATIBILITY.md). */
const FEATURES = ["network-ports", "refusals"];
const MAX_REFUSALS = 200;

const NO_CONTENT: Reply = { status: 204 };

async function readJson(req: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new ApiError(413, `the body is over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, "the body is not JSON");
  }
}

function sameKey(given: string | undefined, key: string): boolean {
  const [a, b] = [given ?? "", key].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, `'${text}' is not a name in an address`);
  }
}

/** Matches a path about one sandbox. */
const one = (tail: string): RegExp => new RegExp(`^(/v2)?/sandboxes/([\\w-]+)${tail}$`);

/** Matches a path about one thing of a name. */
const named = (kind: string): RegExp => new RegExp(`^()/${kind}/([^/]+)$`);

const NOT_EMULATED = /^(\/v\d)?\/(sandboxes|snapshots|templates|volumes|secrets|teams)(\/|$)/;

/** E2B's REST API under `/sandboxes` and `/v2/sandboxes`, in the shapes that e2b@2.51.0 reads. */
export class ControlPlane {
  private readonly options: ControlPlaneOptions;
  private readonly routes: Route[];

  constructor(options: ControlPlaneOptions) {
    this.options = options;
    this.routes = [
      { method: "POST", pattern: /^(\/v2)?\/sandboxes$/, answer: (call) => this.create(call) },
      { method: "GET", pattern: /^(\/v2)?\/sandboxes$/, answer: (call) => this.list(call) },
      { method: "GET", pattern: one(""), answer: ({ id }) => ({ status: 200, body: this.info(id) }) },
      { method: "DELETE", pattern: one(""), answer: (call) => this.kill(call) },
      { method: "POST", pattern: one("/timeout"), answer: (call) => this.setTimeout(call) },
      { method: "POST", pattern: one("/refreshes"), answer: (call) => this.refresh(call) },
      { method: "POST", pattern: one("/(?:connect|resume)"), answer: (call) => this.connect(call) },
      { method: "POST", pattern: one("/pause"), answer: (call) => this.pause(call) },
      { method: "GET", pattern: one("/metrics"), answer: (call) => this.metrics(call) },
      { method: "POST", pattern: one("/snapshots"), answer: (call) => this.createSnapshot(call) },
      { method: "GET", pattern: /^()\/snapshots$/, answer: (call) => this.listSnapshots(call) },
      { method: "DELETE", pattern: named("templates"), answer: (call) => this.deleteTemplate(call) },
      { method: "GET", pattern: named("templates/aliases"), answer: (call) => this.findAlias(call) },
      { method: "POST", pattern: one("/fork"), answer: (call) => this.fork(call) },
      { method: "PUT", pattern: one("/network"), answer: (call) => this.updateNetwork(call) },
      { method: "GET", pattern: /^()\/refusals$/, answer: (call) => this.listRefusals(call) },
    ];
  }

  /** Answers one request; every failure becomes E2B's `{code, message}`. */
  async handle(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    try {
      const { status, body, headers } = await this.answer(req);
      if (body === undefined) res.writeHead(status, headers).end();
      else
        res.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    } catch (error) {
      const code = error instanceof ApiError ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      res.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify({ code, message }));
    }
  }

  private async answer(req: http.IncomingMessage): Promise<Reply> {
    const url = new URL(req.url ?? "/", "http://api");
    if (req.method === "GET" && url.pathname === "/health") {
      return {
        status: 200,
        body: {
          status: "ok",
          ready: this.options.sandboxes.waiting,
          features: FEATURES,
          memoryMb: this.options.memoryMb,
        },
      };
    }
    const key = req.headers["x-api-key"];
    if (!sameKey(typeof key === "string" ? key : undefined, this.options.apiKey)) {
      throw new ApiError(401, "the API key (X-API-KEY) is missing or wrong");
    }
    for (const { method, pattern, answer } of this.routes) {
      const match = method === req.method ? pattern.exec(url.pathname) : null;
      if (!match) continue;
      const body = await readJson(req);
      const id = decodeName(match[2] ?? "");
      return answer({ id, isV2: match[1] !== undefined, body, query: url.searchParams });
    }
    if (NOT_EMULATED.test(url.pathname)) {
      throw new ApiError(501, `${req.method} ${url.pathname} is not emulated by this host`);
    }
    throw new ApiError(404, `${req.method} ${url.pathname} does not exist`);
  }

  private async create({ body, isV2 }: Call): Promise<Reply> {
    const asked = parseBody(createSchema, body);
    const { templates, snapshots } = this.options;
    const template = templates.get(asked.templateID) ?? snapshots.templateOf(asked.templateID);
    if (!template) throw new ApiError(404, `template '${asked.templateID}' not found`);
    const seconds = asked.timeout ?? DEFAULT_TIMEOUT_SECONDS[isV2 ? "v2" : "v1"];
    const sandbox = await this.options.sandboxes.create(specOf(asked, template), seconds * 1000);
    return { status: 201, body: this.connection(sandbox) };
  }

  private async connect({ id, body }: Call): Promise<Reply> {
    const { timeout, memory } = parseBody(connectSchema, body);
    const { sandboxes } = this.options;
    const sandbox = sandboxes.get(id);
    const wasRunning = sandbox.state === "running";
    const endAt = Date.now() + (timeout ?? DEFAULT_TIMEOUT_SECONDS.v2) * 1000;
    // Connecting to a running sandbox can lengthen its time, and never shortens it.
    if (wasRunning) sandboxes.setEnd(id, Math.max(endAt, sandboxes.endOf(id)));
    else await sandboxes.resume(id, endAt, memory === false);
    return { status: wasRunning ? 200 : 201, body: this.connection(sandbox) };
  }

  private list({ query }: Call): Reply {
    const { items, next } = pageOf(this.options.sandboxes.list(), query);
    return {
      status: 200,
      body: items.map((sandbox) => this.summary(sandbox)),
      ...(next !== undefined && { headers: { "x-next-token": next } }),
    };
  }

  private async kill({ id }: Call): Promise<Reply> {
    if (await this.options.sandboxes.remove(id)) return NO_CONTENT;
    throw new ApiError(404, `Sandbox "${id}" doesn't exist`);
  }

  private setTimeout({ id, body }: Call): Reply {
    const { timeout } = parseBody(timeoutSchema, body);
    this.options.sandboxes.get(id);
    this.options.sandboxes.setEnd(id, Date.now() + timeout * 1000);
    return NO_CONTENT;
  }

  private refresh({ id, body }: Call): Reply {
    const { duration } = parseBody(refreshSchema, body);
    const { sandboxes } = this.options;
    sandboxes.setEnd(id, Math.max(Date.now() + (duration ?? 0) * 1000, sandboxes.endOf(id)));
    return NO_CONTENT;
  }

  private async pause({ id, body }: Call): Promise<Reply> {
    const { memory } = parseBody(pauseSchema, body);
    await this.options.sandboxes.pause(id, memory ?? true);
    return NO_CONTENT;
  }

  /** Times are in whole seconds, so the second that `end` names belongs to the range. */
  private metrics({ id, query }: Call): Reply {
    const { metrics, limits } = this.options.sandboxes.get(id);
    const second = (name: string, otherwise: number): number => {
      const value = query.has(name) ? Number(query.get(name)) : otherwise;
      if (Number.isNaN(value)) throw new ApiError(400, `${name} is not a time in seconds`);
      return value;
    };
    const samples = metrics.between(second("start", 0) * 1000, (second("end", Infinity) + 1) * 1000 - 1);
    const body = samples.map((sample) => ({
      timestamp: new Date(sample.at).toISOString(),
      timestampUnix: Math.floor(sample.at / 1000),
      cpuCount: limits.cpus,
      // Of all its CPUs together, as E2B has it.
      cpuUsedPct: sample.cpuUsedPercent / limits.cpus,
      memUsed: sample.memoryUsedBytes,
      memTotal: limits.memoryMb * 2 ** 20,
      memCache: sample.memoryCacheBytes,
      diskUsed: sample.diskUsedBytes,
      diskTotal: limits.diskMb * 2 ** 20,
    }));
    return { status: 200, body };
  }

  private async createSnapshot({ id, body }: Call): Promise<Reply> {
    const { name } = parseBody(snapshotSchema, body);
    const snapshot = await this.options.snapshots.create(this.options.sandboxes.get(id), name);
    return { status: 201, body: this.snapshotInfo(snapshot) };
  }

  private listSnapshots({ query }: Call): Reply {
    const { items, next } = this.options.snapshots.page(query);
    return {
      status: 200,
      body: items.map((snapshot) => this.snapshotInfo(snapshot)),
      ...(next !== undefined && { headers: { "x-next-token": next } }),
    };
  }

  private snapshotInfo({ id }: Snapshot): object {
    return { snapshotID: id, names: [id] };
  }

  /** Only snapshots can be deleted; templates are the operator's. */
  private deleteTemplate({ id }: Call): Reply {
    if (this.options.snapshots.remove(id)) return NO_CONTENT;
    if (!this.options.templates.has(id)) throw new ApiError(404, `snapshot '${id}' not found`);
    throw new ApiError(403, `template '${id}' is given on the host's command line`);
  }

  private findAlias({ id }: Call): Reply {
    if (this.options.templates.has(id)) return { status: 200, body: { templateID: id, public: false } };
    throw new ApiError(404, `template '${id}' not found`);
  }

  private fork({ id, body }: Call): Reply {
    parseBody(forkSchema, body);
    this.options.sandboxes.get(id);
    throw new ApiError(501, "fork is not emulated by this host: it cannot copy the memory of processes");
  }

  private updateNetwork({ id, body }: Call): Reply {
    const asked = parseBody(networkUpdateSchema, body);
    this.options.sandboxes.get(id).rules = rulesOf(asked, asked.allow_internet_access);
    return NO_CONTENT;
  }

  /** What sandboxes were refused since `after`, with the metadata of those that are still there. */
  private listRefusals({ query }: Call): Reply {
    const after = Number(query.get("after") ?? 0);
    if (!Number.isSafeInteger(after) || after < 0)
      throw new ApiError(400, "after is not a number of a refusal");
    const metadata = new Map(this.options.sandboxes.list().map(({ id, spec }) => [id, spec.metadata]));
    const refusals = this.options.refusals.after(after, MAX_REFUSALS).map(({ sandboxId, ...refused }) => ({
      ...refused,
      sandboxID: sandboxId,
      metadata: metadata.get(sandboxId) ?? null,
    }));
    return { status: 200, body: { refusals, next: refusals.at(-1)?.seq ?? after } };
  }

  /** What the SDK needs to talk to a sandbox. */
  private connection(sandbox: Sandbox): object {
    return {
      sandboxID: sandbox.id,
      templateID: sandbox.spec.template.name,
      alias: sandbox.spec.template.name,
      clientID: "local",
      envdVersion: ENVD_VERSION,
      envdAccessToken: sandbox.envdAccessToken,
      trafficAccessToken: sandbox.trafficAccessToken ?? null,
      domain: this.options.domain,
    };
  }

  private summary(sandbox: Sandbox): object {
    return {
      sandboxID: sandbox.id,
      templateID: sandbox.spec.template.name,
      alias: sandbox.spec.template.name,
      clientID: "local",
      startedAt: new Date(sandbox.startedAt).toISOString(),
      endAt: new Date(this.options.sandboxes.endOf(sandbox.id)).toISOString(),
      state: sandbox.state,
      metadata: sandbox.spec.metadata,
      cpuCount: sandbox.limits.cpus,
      memoryMB: sandbox.limits.memoryMb,
      diskSizeMB: sandbox.limits.diskMb,
      envdVersion: ENVD_VERSION,
      volumeMounts: [],
    };
  }

  private info(id: string): object {
    const sandbox = this.options.sandboxes.get(id);
    const { rules, spec } = sandbox;
    return {
      ...this.summary(sandbox),
      domain: this.options.domain,
      envdAccessToken: sandbox.envdAccessToken,
      allowInternetAccess: rules.allowInternetAccess,
      network: {
        allowOut: rules.allowOut,
        denyOut: rules.denyOut,
        allowPublicTraffic: spec.allowPublicTraffic,
        ...(spec.maskRequestHost !== undefined && { maskRequestHost: spec.maskRequestHost }),
      },
      lifecycle: { onTimeout: spec.onTimeout, autoResume: spec.autoResume },
      // Not of E2B: what holds here, and whether it had been started before it was asked for.
      isolation: sandbox.isolation(),
      wasReady: sandbox.wasReady,
    };
  }
}
