import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Duplex } from "node:stream";
import { Channel } from "./channel.ts";
import { ENVD_PORT } from "./channel-settings.ts";
import type { DataFolder } from "./data-folder.ts";
import { ENVD_NAME, NODE_NAME } from "./envd-bundle.ts";
import { postOn } from "./envd-request.ts";
import { ApiError } from "./errors.ts";
import { copyTree, giveTree } from "./folders.ts";
import { createEgressProxy, type EgressPolicy, type EgressProxy } from "./network/egress.ts";
import { Metrics } from "./metrics.ts";
import type { Refusals } from "./network/refusals.ts";
import type { NetworkRules } from "./network/rules.ts";
import { markOf, startTimeOf } from "./processes.ts";
import { environmentOf, type SandboxSpec, searchPathOf, unclaimed } from "./spec.ts";
import type { Template } from "./templates.ts";
import { writeProcFiles } from "./walls/bubblewrap.ts";
import { createGroup, type Enforcer, type Group, type Limits, removeGroup } from "./walls/cgroups.ts";
import { launch, type Launched } from "./walls/launch.ts";
import { changedFolders, copyLayers, type Layers, layFolders } from "./walls/layers.ts";
import { countsByNamespace } from "./walls/rlimits.ts";
import { seccompFilter } from "./walls/seccomp.ts";
import type { Stage } from "./walls/stage.ts";
import { freezeAll, holdStill } from "./walls/still.ts";
import { treeOf, usageOfTree } from "./walls/tree.ts";

const MAX_FILE_BYTES = 4 * 2 ** 30;
const INSIDE = "/envd";
/**
 * envd makes little garbage, so its young generation is small, yet large enough for its start. Flags that change how code is compiled would have
 * Node compile all its own modules again.
 */
const ENVD_COMMAND = [
  `${INSIDE}/${NODE_NAME}`,
  "--min-semi-space-size=2",
  "--max-semi-space-size=2",
  `${INSIDE}/${ENVD_NAME}`,
];

/** What all sandboxes of a host share. */
export interface SandboxSurroundings {
  data: DataFolder;
  /** The folders that all see as /etc and /envd. */
  etc: string;
  envd: string;
  /** The Node that runs envd. */
  node: string;
  stage: Stage;
  limits: Limits;
  policy: EgressPolicy;
  refusals: Refusals;
  /** Variables of every process inside, before all others. */
  env: Record<string, string>;
  log: (line: string) => void;
  /** Whether sandboxes can read a snapshot's files below their own; else they copy them. */
  layers: boolean;
}

interface Running {
  launched: Launched;
  channel: Channel;
  proxy: EgressProxy;
  group: Group;
}

/** What a sandbox is to its caller, beside the processes. */
interface Claim {
  spec: SandboxSpec;
  at: number;
  metrics: Metrics;
  trafficToken: string | undefined;
  wasReady: boolean;
}

const newToken = (): string => randomBytes(24).toString("hex");

/** One sandbox: its folder, and while it runs its processes and its channel. */
export class Sandbox {
  readonly id: string;
  readonly uid: number | undefined;
  readonly envdAccessToken = `ea_${newToken()}`;
  private currentRules: NetworkRules;
  /** Told when its processes end and nobody here has ended them. */
  onExit: () => void = () => undefined;
  private claimed: Claim;
  private readonly around: SandboxSurroundings;
  private running: Running | undefined;
  private frozen = false;
  /** Lets go of the snapshot that it began with. */
  private release: () => void = () => undefined;

  constructor(id: string, template: Template, uid: number | undefined, around: SandboxSurroundings) {
    this.id = id;
    this.uid = uid;
    this.around = around;
    const spec = unclaimed(template);
    this.currentRules = spec.rules;
    this.claimed = { spec, at: 0, metrics: new Metrics(), trafficToken: newToken(), wasReady: false };
  }

  get rules(): NetworkRules {
    return this.currentRules;
  }

  /** Changes what it may reach; connections that are no longer allowed end. */
  set rules(rules: NetworkRules) {
    this.currentRules = rules;
    this.around.refusals.forget(this.id);
    this.running?.proxy.recheck();
  }

  get spec(): SandboxSpec {
    return this.claimed.spec;
  }

  get startedAt(): number {
    return this.claimed.at;
  }

  get metrics(): Metrics {
    return this.claimed.metrics;
  }

  get trafficAccessToken(): string | undefined {
    return this.claimed.trafficToken;
  }

  /** Whether it had been started before its caller asked for it. */
  get wasReady(): boolean {
    return this.claimed.wasReady;
  }

  get state(): "running" | "paused" {
    return this.running && !this.frozen ? "running" : "paused";
  }

  /** Whether its first process lives, by the kernel's word: this one hears of an end a moment later. */
  get isAlive(): boolean {
    return this.running !== undefined && startTimeOf(this.running.launched.pid) !== undefined;
  }

  get limits(): Limits {
    return this.around.limits;
  }

  /** Makes it a caller's, and starts it unless it waits already; once. @throws if it does not, or has ended */
  async claim(spec: SandboxSpec): Promise<void> {
    const wasReady = this.running !== undefined;
    const trafficToken = spec.allowPublicTraffic ? undefined : newToken();
    this.claimed = { spec, at: Date.now(), metrics: new Metrics(), trafficToken, wasReady };
    this.rules = spec.rules;
    if (wasReady) await this.initialize();
    else await this.boot();
  }

  /**
   * Starts it for a caller who is yet to come: envd waits, has been told nothing, and has run nothing but `true`.
   * @throws if it does not start; no process is left then
   */
  async makeReady(): Promise<void> {
    await this.start(() => this.tell("/warm", 200));
  }

  /** Lays out the folder that it lives in. */
  async prepare(): Promise<void> {
    const folder = this.around.data.sandbox(this.id);
    const { home, workspace, hold } = this.spec.template;
    if (hold) this.release = hold();
    fs.mkdirSync(folder, { mode: 0o711 });
    if (this.uid !== undefined && this.layers) return layFolders(folder, this.uid);
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

  /** Its files as layers, where it began with a snapshot and this host has them. */
  private get layers(): Layers | undefined {
    const { below } = this.spec.template;
    if (!this.around.layers || !below || this.uid === undefined) return undefined;
    const folder = this.around.stage.pathOf(this.around.data.sandbox(this.id));
    return { folder, below: below.folder, owner: below.owner, shown: this.uid };
  }

  /** Lets go of all that it shares with others, once it is no more. */
  letGo(): void {
    this.release();
  }

  private boot(): Promise<void> {
    return this.start(() => this.initialize());
  }

  /** Starts its processes, until envd has `answered`. @throws if it does not in time; no process is left then */
  private async start(answered: () => Promise<void>): Promise<void> {
    const { data, etc, envd, node, stage, limits, policy, refusals, log } = this.around;
    const { template } = this.spec;
    writeProcFiles(data.sandbox(this.id));
    const group = createGroup(`sandbox-${data.tag}-${this.id}`, limits);
    const launched = launch({
      walls: {
        folder: data.sandbox(this.id),
        etc,
        readOnly: [
          ...template.mounts,
          { source: envd, target: INSIDE },
          { source: node, target: `${INSIDE}/${NODE_NAME}` },
        ],
        path: searchPathOf(template),
        command: ENVD_COMMAND,
      },
      stage,
      uid: this.uid,
      cgroups: group.folders,
      maxProcesses: group.enforced.processes === "none" ? limits.processes : undefined,
      seccomp: seccompFilter(),
      maxFileBytes: Math.min(MAX_FILE_BYTES, limits.diskMb * 2 ** 20),
      layers: this.layers,
    });
    data.record(this.id, { process: markOf(launched.pid), cgroups: group.folders });
    const proxy = createEgressProxy({
      policy,
      rules: () => this.rules,
      onRefused: (destination, kind, reason) => {
        if (refusals.add(this.id, destination, kind))
          log(`${this.id}: egress to ${destination.host}:${destination.port} refused: ${reason}`);
      },
    });
    const channel = new Channel(
      launched.socket,
      (stream) => proxy.emit("connection", stream),
      // A sandbox that cannot be reached, or breaks the protocol, is ended.
      () => launched.kill(),
    );
    const running = { launched, channel, proxy, group };
    this.running = running;
    this.frozen = false;
    let booted = false;
    const gone = launched.exited.then((said) => {
      channel.close();
      if (booted && this.running === running) {
        log(`${this.id}: ended by itself${said ? `: ${said}` : ""}`);
        this.onExit();
      }
      return said;
    });
    try {
      await Promise.race([
        answered(),
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

  /** Gives envd its token and what all its processes get. From then on it answers. */
  private initialize(): Promise<void> {
    const { folders } = this.spec.template;
    const settings = {
      accessToken: this.envdAccessToken,
      env: environmentOf(this.id, this.spec, this.around.env),
      folders,
    };
    return this.tell("/init", 204, settings);
  }

  /** A request of the host's own to envd. */
  private async tell(pathname: string, expected: number, body?: object): Promise<void> {
    await postOn(await this.dial(ENVD_PORT), pathname, expected, body);
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

  /** Copies its home and workspace into a folder; no process of it may be at work meanwhile. */
  async copyFiles(target: string): Promise<void> {
    const { layers, running } = this;
    if (layers && !running) return await copyLayers({ ...layers, folder: this.folder }, target);
    // Layers are put together for its own processes alone: bubblewrap, outside of its walls, sees them as they are.
    const seen = layers && running ? `/proc/${running.launched.pid}/root${layers.folder}` : this.folder;
    for (const name of ["home", "workspace"]) await copyTree(path.join(seen, name), path.join(target, name));
  }

  private get folder(): string {
    return this.around.data.sandbox(this.id);
  }

  /** Its folders on the host's disk that it can write to. */
  get diskFolders(): string[] {
    const { folder } = this;
    if (this.layers) return changedFolders(folder);
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
  async resume(reboot: boolean): Promise<void> {
    if (reboot) await this.halt();
    if (!this.running) return this.boot();
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
