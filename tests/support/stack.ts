import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ConvexHttpClient } from "convex/browser";
import { Sandbox } from "e2b";
import { importJWK, SignJWT } from "jose";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { buildTemplate, buildWeb } from "#cli/up/build.ts";
import { type Credentials, firstOwner } from "#cli/up/first-owner.ts";
import { loadSecrets } from "#cli/up/secrets.ts";
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from "#domain/principal.ts";
import { shareBundle } from "./bundle-once.ts";
import { freePorts } from "./free-ports.ts";
import { appendEvents, feedText, turnEvents } from "./long-session.ts";
import { publicUrl, type Service, services } from "#cli/up/services.ts";

const root = path.resolve(import.meta.dirname, "../..");
export type ServiceName =
  | "data"
  | "sandboxes"
  | "demo model"
  | "stripe"
  | "web"
  | "second web"
  | "worker"
  | "second worker";

type PortList = [number, number, number, number, number, number, number, number];

/** A service, `from` the folder of another release where it is one of that. */
export type Started = Service & { from?: string };

/** What a process needs to use a Studio that another one has started. */
export interface Attachment {
  url: string;
  data: string;
  services: Service[];
}

/**
 * All of Studio on free ports and a data folder of its own: the same services that `npm start` runs,
 * without their supervisor, so that a test can end one and see what follows.
 */
export class Stack {
  readonly url: string;
  readonly data: string;
  readonly credentials: Pick<Credentials, "email" | "apiKey"> & { password: string };
  readonly #services: Started[];
  readonly #children: Map<string, ChildProcess>;

  private constructor(
    data: string,
    url: string,
    all: Started[],
    children: Map<string, ChildProcess>,
    credentials: Stack["credentials"],
  ) {
    this.data = data;
    this.url = url;
    this.#services = all;
    this.#children = children;
    this.credentials = credentials;
  }

  /**
   * Builds what is not built yet, starts all four services, and makes the first owner.
   * @param adapt may change how the services are started, as to put something between them
   * @param options `worker`: a process of its own carries the sessions, and the web server none; `stripe`: with what stands
   * in for Stripe
   */
  static async start(
    adapt: (all: Service[], data: string) => Promise<Started[]> = async (all) => all,
    { worker: withWorker = false, stripe: withStripe = false } = {},
  ): Promise<Stack> {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "studio-test-"));
    const [web, convex, site, sandbox, model, preview, worker, stripe] = (await freePorts(8)) as PortList;
    const options = {
      data,
      reset: false,
      dev: false,
      help: false,
      ports: {
        web,
        convex,
        site,
        sandbox,
        model,
        preview,
        ...(withWorker && { worker }),
        ...(withStripe && { stripe }),
      },
    };
    await buildWeb(root);
    const template = path.join(data, "template");
    // Built for the whole run (build-once.ts), or for this one alone, as by a bench.
    const { STUDIO_TEST_TEMPLATE } = process.env;
    if (STUDIO_TEST_TEMPLATE === undefined) await buildTemplate(root, template);
    else fs.symlinkSync(STUDIO_TEST_TEMPLATE, template);
    // Many run at the same time: one that is warm for nobody, or room that is counted, would be in the others' way.
    // A test asks with one key what people ask with many.
    const roomy = {
      STUDIO_WARM_AGENTS: "0",
      STUDIO_MAX_SANDBOXES: "1000",
      STUDIO_REQUESTS_PER_MINUTE: "10000",
    };
    const plain = services(options, loadSecrets(data), root).map((service) => ({
      ...service,
      env: { ...roomy, ...service.env },
    }));
    shareBundle(path.join(data, "convex"));
    const all = await adapt(plain, data);
    const children = new Map<string, ChildProcess>();
    await Promise.all(all.map(async (service) => await launch(service, data, children)));
    const made = await firstOwner(data, publicUrl(options));
    if (made.kind !== "made") throw new Error("a fresh folder has no owner yet");
    const credentials = { ...made.credentials, password: made.password };
    return new Stack(data, publicUrl(options), all, children, credentials);
  }

  /** For a process that uses it, and starts and ends nothing of it. */
  attachment(): Attachment {
    return { url: this.url, data: this.data, services: this.#services };
  }

  /** A Studio that another process has started, in the name of a person of one's own. */
  static attach({ data, url, services }: Attachment, credentials: Stack["credentials"]): Stack {
    return new Stack(data, url, services, new Map(), credentials);
  }

  /** Ends one service, by default at once and without warning. */
  async kill(name: ServiceName, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#children.get(name);
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  /** Starts one more of a service beside it, on the same data. */
  async #startBeside(name: ServiceName, change: (first: Started) => Partial<Service>): Promise<void> {
    const first = this.service(name);
    const second = { ...first, name: `second ${name}`, ...change(first) };
    this.#services.push(second);
    await launch(second, this.data, this.#children);
  }

  /** Starts a second web server beside the first, on the same data. @returns its address */
  async startSecond(): Promise<string> {
    const [port, preview] = (await freePorts(2)) as [number, number];
    const url = `http://127.0.0.1:${port}`;
    await this.#startBeside("web", ({ args, env }) => ({
      args: args.map((word, index) => (args[index - 1] === "--port" ? String(port) : word)),
      env: { ...env, STUDIO_PREVIEW_PORT: String(preview) },
      readyUrl: `${url}/api/v1/health`,
    }));
    return url;
  }

  /** Starts a second worker beside the first, on the same data. */
  async startSecondWorker(): Promise<void> {
    const [port] = (await freePorts(1)) as [number];
    await this.#startBeside("worker", ({ env }) => ({
      env: { ...env, STUDIO_WORKER_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/health`,
    }));
  }

  /** How a service is started. */
  service(name: ServiceName): Started {
    const found = this.#services.find((service) => service.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  }

  /** Has a service be another one from its next start on, as one of another release. */
  replace(service: Started): void {
    this.#services[this.#services.findIndex(({ name }) => name === service.name)] = service;
  }

  /** Starts one service again. */
  async restart(name: ServiceName): Promise<void> {
    await launch(this.service(name), this.data, this.#children);
  }

  /** A service's settings. */
  env(name: ServiceName): Record<string, string> {
    return this.#services.find((s) => s.name === name)?.env ?? {};
  }

  /** Convex in the name of Studio's own servers. */
  async #service(): Promise<ConvexHttpClient> {
    const { STUDIO_SIGNING_KEY = "", CONVEX_URL = "" } = this.env("web");
    const jwk = JSON.parse(STUDIO_SIGNING_KEY) as { kid: string };
    const token = await new SignJWT({ kind: "service" })
      .setProtectedHeader({ alg: "ES256", kid: jwk.kid })
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setSubject("service")
      .setExpirationTime("10m")
      .sign(await importJWK(jwk, "ES256"));
    const client = new ConvexHttpClient(CONVEX_URL, { logger: false });
    client.setAuth(token);
    return client;
  }

  /** Writes events into a session's log, as a server does. */
  async append(sessionId: string, events: ReturnType<typeof turnEvents>): Promise<void> {
    await appendEvents(await this.#service(), sessionId, events);
  }

  /** Writes a piece of text into a session's log every so often, until a moment. @returns how many */
  async feed(sessionId: string, pace: { everyMs: number; until: number }): Promise<number> {
    return await feedText(await this.#service(), sessionId, pace);
  }

  /** Gives a session many turns at once. @param mark stands in the words of the third one */
  async longSession(
    sessionId: string,
    { turns, mark = "" }: { turns: number; mark?: string },
  ): Promise<number> {
    const events = Array.from({ length: turns }, (_, index) =>
      turnEvents(index + 1, index === 2 ? mark : ""),
    ).flat();
    await this.append(sessionId, events);
    return events.length;
  }

  /** Charges an organization by the ledger's own function, as a model call would. */
  async spend(organizationId: string, sessionId: string, costMicroUsd: number): Promise<void> {
    const client = await this.#service();
    await client.mutation(api.usage.record, {
      sessionId: sessionId as Id<"sandboxSessions">,
      requestId: `spent:${organizationId}:${randomUUID()}`,
      provider: "demo",
      model: "demo",
      keySource: "platform",
      inputTokens: 0,
      cachedTokens: 0,
      outputTokens: 0,
      costMicroUsd,
    });
  }

  /** How often a session's lease has been claimed: who holds it has changed where this has. */
  async leases(sessionId: string): Promise<number> {
    const client = await this.#service();
    const id = sessionId as Id<"sandboxSessions">;
    return (await client.query(api.sandboxSessions.forServer, { sessionId: id })).stream.generation;
  }

  /** The sandboxes whose agents wait for a session. */
  async warm(): Promise<string[]> {
    const client = await this.#service();
    return (await client.query(api.warmSandboxes.waiting, {})).map(({ sandboxId }) => sandboxId);
  }

  /** What should have ended by itself `graceMs` ago: sessions past their deadline, lapsed leases, sandboxes to end, holds. */
  async overdue(graceMs: number): Promise<string[]> {
    const client = await this.#service();
    const now = Date.now() - graceMs;
    const late = await client.query(api.due.late, { now });
    const lapsed = await client.query(api.due.lapsed, { now });
    const cleanup = await client.query(api.due.cleanup, {});
    const holds = await client.query(api.due.holds, { now: Date.now() + 24 * 3_600_000 });
    return [
      ...late.items.map(({ sessionId }) => `${sessionId} is past its deadline`),
      ...lapsed.items.map(({ sessionId }) => `${sessionId} has nobody who carries it`),
      ...cleanup.items.map(({ sessionId }) => `the sandbox of ${sessionId} is not ended`),
      ...holds.items.map(({ requestId }) => `the hold ${requestId} is open`),
    ];
  }

  /** The sandboxes that the host says it has. */
  async sandboxes(): Promise<string[]> {
    const { E2B_API_URL, E2B_API_KEY } = this.env("web");
    const answer = await fetch(`${E2B_API_URL}/v2/sandboxes?limit=100`, {
      headers: { "x-api-key": E2B_API_KEY ?? "" },
    });
    if (!answer.ok) throw new Error(`the host does not list its sandboxes: ${answer.status}`);
    return ((await answer.json()) as { sandboxID: string }[]).map(({ sandboxID }) => sandboxID);
  }

  /** Ends one sandbox behind Studio's back, as its host's operator would. */
  async killSandbox(sandboxId: string): Promise<void> {
    const { E2B_API_URL, E2B_API_KEY } = this.env("web");
    const response = await fetch(`${E2B_API_URL}/sandboxes/${sandboxId}`, {
      method: "DELETE",
      headers: { "x-api-key": E2B_API_KEY ?? "" },
    });
    if (!response.ok) throw new Error(`the sandbox was not killed: ${response.status}`);
  }

  #sandboxService() {
    const settings = this.env("web");
    return {
      apiKey: settings.E2B_API_KEY ?? "",
      apiUrl: settings.E2B_API_URL ?? "",
      sandboxUrl: settings.E2B_SANDBOX_URL ?? "",
      domain: settings.E2B_DOMAIN ?? "",
    };
  }

  async #sandbox(sandboxId: string): Promise<Sandbox> {
    return await Sandbox.connect(sandboxId, { ...this.#sandboxService(), timeoutMs: 600_000 });
  }

  /** The snapshots that the sandbox service keeps. */
  async snapshots(): Promise<string[]> {
    const page = await Sandbox.listSnapshots(this.#sandboxService()).nextItems();
    return page.map(({ snapshotId }) => snapshotId);
  }

  /** Has the sandbox service lose all of its snapshots. */
  async forgetSnapshots(): Promise<void> {
    for (const id of await this.snapshots()) await Sandbox.deleteSnapshot(id, this.#sandboxService());
  }

  /** A file of a running sandbox, read by the SDK and not through Studio. */
  async readSandboxFile(sandboxId: string, file: string): Promise<string> {
    return await (await this.#sandbox(sandboxId)).files.read(file);
  }

  /** What a command prints in a running sandbox, past Studio and its questions. */
  async runInSandbox(sandboxId: string, command: string): Promise<string> {
    return (await (await this.#sandbox(sandboxId)).commands.run(command)).stdout;
  }

  /** Process ids of the services, for measuring them. */
  pids(): Record<string, number> {
    return Object.fromEntries([...this.#children].map(([name, child]) => [name, child.pid ?? 0]));
  }

  /** The service's last words. */
  log(name: ServiceName): string {
    return fs.readFileSync(path.join(this.data, `${name}.log`), "utf8");
  }

  /** Ends everything and removes the data. */
  async stop(): Promise<void> {
    for (const name of [
      "second worker",
      "worker",
      "second web",
      "web",
      "stripe",
      "demo model",
      "sandboxes",
      "data",
    ] as const)
      await this.kill(name, "SIGTERM");
    fs.rmSync(this.data, { recursive: true, force: true });
  }
}

/** Starts one service and waits until it is ready; its output goes to a log in `data`. */
export async function launch(
  service: Started,
  data: string,
  children: Map<string, ChildProcess>,
): Promise<void> {
  const log = fs.openSync(path.join(data, `${service.name}.log`), "a");
  const child = spawn(path.join(root, "node_modules/node/bin/node"), service.args, {
    cwd: service.from ?? root,
    env: { ...process.env, NODE_ENV: "production", ...service.env },
    stdio: ["ignore", log, log],
  });
  fs.closeSync(log);
  children.set(service.name, child);
  const deadline = Date.now() + service.readyMs;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(
        `${service.name} ended: ${fs.readFileSync(path.join(data, `${service.name}.log`), "utf8")}`,
      );
    const ok = await fetch(service.readyUrl, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > deadline) throw new Error(`${service.name} was not ready in time`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
