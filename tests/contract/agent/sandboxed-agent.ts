import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import type { Sandbox } from "e2b";
import { vi } from "vitest";
import { buildTemplate } from "#cli/up/build.ts";
import type { AgentPlace } from "#server/agent/bridge.ts";
import type { AcpClient } from "#server/agent/client.ts";
import type { RpcMessage } from "#server/agent/wire.ts";
import { type DemoModel, startDemoModel } from "../demo-model/process.ts";
import { HostProcess, REPO, temporaryFolder } from "../sandbox-host/host-process.ts";

const MODEL = "demo/demo";

/** As Studio's own, with the demo model on loopback as the provider. */
async function configuration(): Promise<Record<string, unknown>> {
  const { openCodeConfig } = await import("#server/sandbox-start/opencode-config.ts");
  const setup = openCodeConfig(
    {
      route: "demo",
      name: "Demo",
      modelId: "demo",
      model: {
        id: "demo",
        name: "Demo",
        contextTokens: 100_000,
        outputTokens: 8_000,
        priceInMicroUsd: 0,
        priceCachedMicroUsd: 0,
        priceOutMicroUsd: 0,
      } as never,
    },
    { kind: "raw", baseUrl: "http://models.internal:8080/v1" },
  );
  return setup.config;
}

/** Sandboxes of a real host, with the demo model in reach. */
export class Field {
  readonly host: HostProcess;
  readonly model: DemoModel;
  readonly #remove: () => void;

  private constructor(host: HostProcess, model: DemoModel, remove: () => void) {
    this.host = host;
    this.model = model;
    this.#remove = remove;
  }

  static async start(): Promise<Field> {
    const temporary = temporaryFolder();
    const template = path.join(temporary.folder, "template");
    await buildTemplate(REPO, template);
    const model = await startDemoModel();
    const host = await HostProcess.start(path.join(temporary.folder, "data"), [
      "--template",
      `studio=${template}`,
      `--publish=models.internal:8080=127.0.0.1:${new URL(model.url).port}`,
    ]);
    const example = parseEnv(fs.readFileSync(path.join(REPO, ".env.example"), "utf8"));
    const settings = {
      ...example,
      E2B_API_URL: host.url,
      E2B_SANDBOX_URL: host.url,
      E2B_DOMAIN: "localhost",
    };
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    return new Field(host, model, temporary.remove);
  }

  async stop(): Promise<void> {
    vi.unstubAllEnvs();
    await this.host.stop();
    await this.model.stop();
    this.#remove();
  }

  /** @param files of the workspace, before the agent starts */
  async agent(files: Record<string, string> = {}): Promise<SandboxedAgent> {
    const agent = new SandboxedAgent(await this.sandbox(files), this.host.url);
    await agent.start();
    return agent;
  }

  /** One whose agent is not started. */
  unstarted(sandbox: Sandbox): SandboxedAgent {
    return new SandboxedAgent(sandbox, this.host.url);
  }

  /** One without an agent. */
  async sandbox(
    files: Record<string, string> = {},
    envs: Record<string, string> = { DEMO_API_KEY: "k" },
  ): Promise<Sandbox> {
    const sandbox = await this.host.create(
      {
        envs,
        network: { allowOut: ["models.internal"], denyOut: ["0.0.0.0/0"], allowPublicTraffic: false },
        timeoutMs: 300_000,
      },
      "studio",
    );
    await sandbox.commands.run("git init -q /workspace");
    for (const [name, content] of Object.entries(files))
      await sandbox.files.write(`/workspace/${name}`, content);
    return sandbox;
  }
}

/** What the agent asked leave for. */
export interface Asked {
  id: string | number;
  toolCallId: string;
  command: string;
  /** The question as it came. */
  message: RpcMessage;
}

/** A real OpenCode in a sandbox, behind the bridge, as Studio starts it; this stands for Studio's engine. */
export class SandboxedAgent {
  readonly sandbox: Sandbox;
  readonly #url: string;
  place!: AgentPlace;
  client!: AcpClient;
  sessionId = "";
  /** All that was asked since the start. */
  readonly asked: Asked[] = [];
  /** All updates of tool calls since the start. */
  readonly updates: Record<string, unknown>[] = [];
  text = "";
  /** Decides what is asked; without an answer it waits. */
  decide: (asked: Asked) => "once" | "reject" | null = () => null;
  #abort = new AbortController();
  readonly #results = new Map<string, (message: RpcMessage) => void>();

  constructor(sandbox: Sandbox, url: string) {
    this.sandbox = sandbox;
    this.#url = url;
  }

  /** Starts the agent, or starts it again as another one. */
  async start(): Promise<void> {
    const { startAgentServer } = await import("#server/sandbox-start/agent-server.ts");
    await this.#open(
      async (place, client) => await startAgentServer(this.sandbox, place, client, await configuration()),
    );
  }

  /** Makes an agent that waits in the sandbox this one. @param bridge the process of its bridge */
  async claim(bridge: number, variables: Record<string, string>): Promise<void> {
    const { claimWarmAgent } = await import("#server/sandbox-start/warm-agent.ts");
    await this.#open(
      async (place, client) =>
        await claimWarmAgent(this.sandbox, bridge, place, client, await configuration(), variables),
    );
  }

  async #open(begin: (place: AgentPlace, client: AcpClient) => Promise<void>): Promise<void> {
    const { openAgent } = await import("#server/sandbox-start/agent-session.ts");
    const { AcpClient: Client } = await import("#server/agent/client.ts");
    const ref = {
      sandboxId: this.sandbox.sandboxId,
      trafficUrl: this.#url,
      trafficToken: this.sandbox.trafficAccessToken,
    };
    this.#abort.abort();
    this.#abort = new AbortController();
    this.place = { ref, sessionId: "session", acpServerId: `studio-${randomUUID()}` };
    this.client = new Client(this.place);
    await begin(this.place, this.client);
    this.sessionId = (await openAgent(this.client, MODEL, [])).agentSessionId;
    // It ends with the connection: the agent is ended by some tests.
    this.#follow().catch(() => undefined);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    for await (const { message } of this.client.stream(null, signal)) {
      if (message.method === "session/request_permission") {
        const call = message.params?.["toolCall"] as { toolCallId: string; rawInput?: { command?: string } };
        const asked = {
          id: message.id ?? "",
          toolCallId: call.toolCallId,
          command: call.rawInput?.command ?? "",
          message,
        };
        this.asked.push(asked);
        const optionId = this.decide(asked);
        if (optionId) await this.answer(asked, optionId);
      } else if (message.method === "session/update") {
        const update = message.params?.["update"] as Record<string, unknown> & {
          content?: { text?: string };
        };
        if (update["sessionUpdate"] === "agent_message_chunk") this.text += update.content?.text ?? "";
        if (String(update["sessionUpdate"]).startsWith("tool_call")) this.updates.push(update);
      } else if (message.method === undefined && message.id !== undefined)
        this.#results.get(String(message.id))?.(message);
    }
  }

  async answer({ id }: Asked, optionId: "once" | "reject"): Promise<void> {
    await this.client.post({ id, result: { outcome: { outcome: "selected", optionId } } });
  }

  /** The answer to a prompt; a fenced script is done by the demo model. */
  async prompt(text: string): Promise<RpcMessage> {
    const id = randomUUID();
    const answered = new Promise<RpcMessage>((resolve) => this.#results.set(id, resolve));
    const prompt = [{ type: "text", text }];
    void this.client
      .post({ id, method: "session/prompt", params: { sessionId: this.sessionId, prompt } })
      .catch(() => undefined);
    return await answered;
  }

  async script(...lines: string[]): Promise<RpcMessage> {
    return await this.prompt(["```demo", ...lines, "```"].join("\n"));
  }

  /** What a command printed that the agent ran. */
  output(toolCallId: string): string {
    const last = this.updates.findLast(
      (update) => update["toolCallId"] === toolCallId && update["rawOutput"] !== undefined,
    );
    return (last?.["rawOutput"] as { output?: string } | undefined)?.output ?? "";
  }

  stop(): void {
    this.#abort.abort();
  }
}
