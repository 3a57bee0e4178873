import { randomBytes } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import type { Duplex } from "node:stream";
import { Channel } from "./channel.ts";
import { EGRESS_PORT, ENVD_PORT } from "./channel-settings.ts";
import type { DataFolder } from "./data-folder.ts";
import { ENVD_NAME, NODE_NAME } from "./envd-bundle.ts";
import { ApiError } from "./errors.ts";
import { copyTree, giveTree } from "./folders.ts";
import { createEgressProxy, type EgressPolicy } from "./network/egress.ts";
import { Metrics } from "./metrics.ts";
import type { NetworkRules } from "./network/rules.ts";
import { markOf } from "./processes.ts";
import type { Template } from "./templates.ts";
import { writeBootId } from "./walls/bubblewrap.ts";
import { createGroup, type Enforcer, type Group, type Limits, removeGroup } from "./walls/cgroups.ts";
import { launch, type Launched } from "./walls/launch.ts";
import { countsByNamespace } from "./walls/rlimits.ts";
import { seccompFilter } from "./walls/seccomp.ts";
import type { Stage } from "./walls/stage.ts";
import { freezeAll, holdStill } from "./walls/still.ts";
import { treeOf, usageOfTree } from "./walls/tree.ts";

const BOOT_TIMEOUT_MS = 15_000;
const MAX_FILE_BYTES = 4 * 2 ** 30;
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const INSIDE = "/envd";
/**
 * envd makes little garbage, so its young generation is small, yet large enough for its start. Flags that change how code is compiled would have
 * Node compile all its own modules anew.
 */
const ENVD_COMMAND = [
  `${INSIDE}/${NODE_NAME}`,
  "--min-semi-space-size=2",
  "--max-semi-space-size=2",
  `${INSIDE}/${ENVD_NAME}`,
];

/** What every process inside needs to find the one way out. */
const PROXY = `http://127.0.0.1:${EGRESS_PORT}`;
const PROXY_ENV = {
  HTTP_PROXY: PROXY,
  HTTPS_PROXY: PROXY,
  http_proxy: PROXY,
  https_proxy: PROXY,
  NO_PROXY: "localhost,127.0.0.1",
  no_proxy: "localhost,127.0.0.1",
  NODE_USE_ENV_PROXY: "1",
};

/** What a caller asked for, checked. */
export interface SandboxSpec {
  template: Template;
  metadata: Record<string, string>;
  env: Record<string, string>;
  rules: NetworkRules;
  allowPublicTraffic: boolean;
  maskRequestHost: string | undefined;
  /** What happens at the end of its time. */
  onTimeout: "kill" | "pause";
  /** Whether a pause at the end of its time keeps processes. */
  keepMemory: boolean;
  autoResume: boolean;
}

/** What all sandboxes of a host share. */
export interface SandboxSurroundings {
  data: DataFolder;
  /** The folders that all see as /etc and /envd. */
  etc: string;
  envd: string;
  stage: Stage;
  limits: Limits;
  policy: EgressPolicy;
  log: (line: string) => void;
}

interface Running {
  launched: Launched;
  channel: Channel;
  group: Group;
}

/** One sandbox: its folder, and while it runs its processes and its channel. */
export class Sandbox {
  readonly id: string;
  readonly spec: SandboxSpec;
  readonly uid: number | undefined;
  readonly envdAccessToken = `ea_${randomBytes(24).toString("hex")}`;
  readonly trafficAccessToken: string | undefined;
  readonly startedAt = Date.now();
  readonly metrics = new Metrics();
  rules: NetworkRules;
  private readonly around: SandboxSurroundings;
  private running: Running | undefined;
  private frozen = false;

  constructor(id: string, spec: SandboxSpec, uid: number | undefined, around: SandboxSurroundings) {
    this.id = id;
    this.spec = spec;
    this.uid = uid;
    this.around = around;
    this.rules = spec.rules;
    this.trafficAccessToken = spec.allowPublicTraffic ? undefined : randomBytes(24).toString("hex");
  }

  get state(): "running" | "paused" {
    return this.running && !this.frozen ? "running" : "paused";
  }

  get limits(): Limits {
    return this.around.limits;
  }

  /** Lays out the folder that it lives in. */
  async prepare(): Promise<void> {
    const folder = this.around.data.sandbox(this.id);
    const { home, workspace } = this.spec.template;
    fs.mkdirSync(folder, { mode: 0o711 });
    for (const [name, source] of Object.entries({ home, workspace })) {
      const target = path.join(folder, name);
      if (source === undefined) fs.mkdirSync(target);
      else await copyTree(source, target);
      // Closed to others, and the sandbox's own.
      fs.chmodSync(target, 0o700);
      if (this.uid === undefined) continue;
      if (source === undefined) fs.chownSync(target, this.uid, this.uid);
      else await giveTree(target, this.uid);
    }
  }

  /**
   * Starts its processes and waits until envd answers.
   * @throws if the walls cannot be built or envd does not answer in time; nothing is left then.
   */
  async boot(onExit: () => void): Promise<void> {
    const { data, etc, envd, stage, limits, policy, log } = this.around;
    const { template } = this.spec;
    writeBootId(data.sandbox(this.id));
    const searchPath = [...template.path, SYSTEM_PATH].join(":");
    const group = createGroup(`sandbox-${data.tag}-${this.id}`, limits);
    const launched = launch({
      walls: {
        folder: data.sandbox(this.id),
        etc,
        readOnly: [
          ...template.mounts,
          { source: envd, target: INSIDE },
          { source: process.execPath, target: `${INSIDE}/${NODE_NAME}` },
        ],
        path: searchPath,
        command: ENVD_COMMAND,
      },
      stage,
      uid: this.uid,
      cgroups: group.folders,
      maxProcesses: group.enforced.processes === "none" ? limits.processes : undefined,
      seccomp: seccompFilter(),
      maxFileBytes: Math.min(MAX_FILE_BYTES, limits.diskMb * 2 ** 20),
    });
    data.record(this.id, { process: markOf(launched.pid), cgroups: group.folders });
    const proxy = createEgressProxy({
      policy,
      rules: () => this.rules,
      onRefused: (destination, reason) => log(`${this.id}: egress to ${destination} refused: ${reason}`),
    });
    const channel = new Channel(launched.socket, (stream) => proxy.emit("connection", stream));
    const running = { launched, channel, group };
    this.running = running;
    this.frozen = false;
    let booted = false;
    const gone = launched.exited.then((said) => {
      channel.close();
      if (booted && this.running === running) {
        log(`${this.id}: ended by itself${said ? `: ${said}` : ""}`);
        onExit();
      }
      return said;
    });
    try {
      await Promise.race([
        this.initialize({ ...this.environment(), PATH: searchPath }),
        gone.then((said) => {
          throw new Error(said || "its first process ended by itself");
        }),
      ]);
      booted = true;
    } catch (error) {
      await this.halt();
      // What bubblewrap said tells more than that the channel broke.
      const reason = (await gone) || (error instanceof Error ? error.message : String(error));
      throw new Error(`sandbox ${this.id} did not start: ${reason}`, { cause: error });
    }
  }

  private environment(): Record<string, string> {
    const { template, env } = this.spec;
    return {
      LANG: "C.UTF-8",
      ...PROXY_ENV,
      ...template.env,
      E2B_SANDBOX: "true",
      E2B_SANDBOX_ID: this.id,
      E2B_TEMPLATE_ID: template.name,
      ...env,
    };
  }

  /** The first request to envd, which gives it its token. */
  private async initialize(env: Record<string, string>): Promise<void> {
    const stream = await this.dial(ENVD_PORT);
    const body = JSON.stringify({
      accessToken: this.envdAccessToken,
      env,
      folders: this.spec.template.folders,
    });
    await new Promise<void>((resolve, reject) => {
      const request = http.request({
        createConnection: () => stream,
        method: "POST",
        path: "/init",
        headers: { "content-type": "application/json", connection: "close" },
        timeout: BOOT_TIMEOUT_MS,
      });
      const timer = setTimeout(() => request.destroy(new Error("envd did not answer")), BOOT_TIMEOUT_MS);
      request.once("close", () => clearTimeout(timer));
      request.once("error", reject);
      request.once("response", (response) => {
        response.resume();
        if (response.statusCode === 204) resolve();
        else reject(new Error(`envd answered ${response.statusCode}`));
      });
      request.end(body);
    });
  }

  /** Opens a byte stream to a port inside; see {@link Channel.dial}. */
  dial(port: number): Promise<Duplex> {
    if (!this.running) throw new ApiError(502, "the sandbox is not running");
    return this.running.channel.dial(port);
  }

  /** What really holds for it: its walls, and each limit with what enforces it. */
  isolation(): object {
    const none: Enforcer = "none";
    const enforced = this.running?.group.enforced;
    const canCount = this.uid !== undefined || countsByNamespace();
    const byRlimit = enforced?.processes === "none" && canCount ? "rlimit" : undefined;
    const { memoryMb, cpus, processes, diskMb, files } = this.limits;
    return {
      adapter: "bubblewrap",
      active: this.running !== undefined,
      ownUid: this.uid !== undefined,
      systemCallsFiltered: seccompFilter() !== undefined,
      limits: {
        memoryMb: { value: memoryMb, heldBy: enforced?.memoryMb ?? none },
        cpus: { value: cpus, heldBy: enforced?.cpus ?? none },
        processes: { value: processes, heldBy: byRlimit ?? enforced?.processes ?? none },
        diskMb: { value: diskMb, heldBy: "polling" satisfies Enforcer },
        files: { value: files, heldBy: "polling" satisfies Enforcer },
      },
    };
  }

  /** Its folders on the host's disk that it can write to. */
  get diskFolders(): string[] {
    const folder = this.around.data.sandbox(this.id);
    return [path.join(folder, "home"), path.join(folder, "workspace")];
  }

  /** What its processes use now, and their host pids. Undefined while it does not run. */
  usage():
    | { cpuSeconds: number; memoryUsedBytes: number; memoryCacheBytes: number; pids: number[] }
    | undefined {
    if (!this.running) return undefined;
    const { group, launched } = this.running;
    const { cpuSeconds, memory } = group.usage();
    const pids = treeOf(launched.pid);
    const tree = cpuSeconds === undefined || !memory ? usageOfTree(pids) : undefined;
    return {
      cpuSeconds: cpuSeconds ?? tree?.cpuSeconds ?? 0,
      memoryUsedBytes: memory?.usedBytes ?? tree?.memoryBytes ?? 0,
      memoryCacheBytes: memory?.cacheBytes ?? 0,
      pids,
    };
  }

  /**
   * Stops its processes where they are, or ends them and keeps the files.
   * @throws ApiError 501 if processes cannot be kept, since the host has no freezer.
   */
  async pause(keepMemory: boolean): Promise<void> {
    if (!keepMemory) return this.halt();
    if (!this.running || !(await freezeAll(this.running.group))) {
      throw new ApiError(501, "this host cannot pause with memory: it has no cgroup freezer");
    }
    this.frozen = true;
  }

  /**
   * Does something while its processes stand still.
   * @throws if they cannot be stopped
   */
  async whileStill(action: () => Promise<void>): Promise<void> {
    const { running } = this;
    if (!running || this.frozen) return action();
    const goOn = await holdStill(running.group, running.launched.pid);
    try {
      await action();
    } finally {
      // It may have been paused meanwhile.
      if (!this.frozen) goOn();
    }
  }

  /** Continues after a pause; with `reboot` from its files alone. */
  async resume(reboot: boolean, onExit: () => void): Promise<void> {
    if (reboot) await this.halt();
    if (!this.running) return this.boot(onExit);
    this.running.group.freeze(false);
    this.frozen = false;
  }

  /** Ends its processes; its files stay. */
  async halt(): Promise<void> {
    const { running } = this;
    if (!running) return;
    this.running = undefined;
    running.group.freeze(false);
    running.launched.kill();
    await running.launched.exited;
    running.channel.close();
    await removeGroup(running.group.folders);
  }
}
