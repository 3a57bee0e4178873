import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const BINARY = path.resolve("node_modules/opencode-linux-x64/bin/opencode");
const REQUEST_MS = 45_000;

interface RpcMessage {
  id?: number;
  method?: string;
  params?: {
    sessionId?: string;
    update?: { sessionUpdate?: string; content?: { text?: string }; title?: string; status?: string };
  };
  result?: Record<string, unknown>;
  error?: { message: string };
}

export interface Provider {
  /** `provider/model`, as OpenCode names it. */
  model: string;
  config: Record<string, unknown>;
}

/** A real OpenCode over ACP in a folder of its own. */
export interface Agent {
  workspace: string;
  /** `provider/model` as OpenCode says that its session has it. */
  model: unknown;
  /** Sends one prompt, with other parts before it, and gives the text that arrived, and the kinds of all updates. */
  prompt: (
    text: string,
    before?: object[],
  ) => Promise<{ text: string; stopReason: unknown; tools: string[] }>;
  /** The session's title as OpenCode has it now. */
  title: () => Promise<string>;
  stop: () => Promise<void>;
}

/** A configuration with one provider, and what is allowed, asked about and denied. */
export function configOf(provider: Provider, permission: unknown): Record<string, unknown> {
  const [providerId = "", modelId = ""] = provider.model.split("/");
  const model = {
    name: modelId,
    limit: { context: 100_000, output: 8000 },
    cost: { input: 1, output: 2 },
    tool_call: true,
  };
  return {
    model: provider.model,
    small_model: provider.model,
    autoupdate: false,
    share: "disabled",
    enabled_providers: [providerId],
    permission,
    experimental: { continue_loop_on_deny: true },
    provider: { [providerId]: { ...provider.config, models: { [modelId]: model } } },
  };
}

/** One process of OpenCode, which can have many sessions, each in a folder with a configuration of its own. */
export interface AgentProcess {
  /** @param decision what every question is answered with */
  open: (config: Record<string, unknown>, decision: "once" | "reject") => Promise<Omit<Agent, "stop">>;
  stop: () => Promise<void>;
}

/** Starts OpenCode with a configuration as it is, for one session. */
export async function startWithConfig(options: {
  config: Record<string, unknown>;
  env: Record<string, string>;
  /** What every question is answered with. */
  decision: "once" | "reject";
}): Promise<Agent> {
  const started = await startProcess(options.env);
  try {
    return { ...(await started.open(options.config, options.decision)), stop: started.stop };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

/** What a session says while it has its turn. */
interface Said {
  decision: "once" | "reject";
  text: string;
  tools: string[];
}

/** Starts OpenCode with the quiet settings, so that it calls nobody but its providers. */
export async function startProcess(env: Record<string, string>): Promise<AgentProcess> {
  const home = await fs.mkdtemp(path.join(os.tmpdir(), "demo-model-"));
  const configHome = path.join(home, ".config/opencode");
  await fs.mkdir(path.join(configHome, "node_modules"), { recursive: true });
  const lock = { packages: { "": { dependencies: { "@opencode-ai/plugin": "0" } } } };
  await fs.writeFile(path.join(configHome, "package-lock.json"), JSON.stringify(lock));
  const child = spawn(BINARY, ["acp"], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      // As in a sandbox.
      OPENCODE_MODELS_PATH: path.resolve("sandbox-template/models.json"),
      HOME: home,
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      ...env,
    } as unknown as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const waiting = new Map<number, (message: RpcMessage) => void>();
  const said = new Map<string, Said>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line) as RpcMessage;
    const session = said.get(message.params?.sessionId ?? "");
    if (message.method === "session/request_permission") {
      const outcome = { outcome: "selected", optionId: session?.decision ?? "reject" };
      return child.stdin.write(
        `${JSON.stringify({ jsonrpc: "2.0", id: message.id, result: { outcome } })}\n`,
      );
    }
    if (message.id !== undefined && message.method === undefined) return waiting.get(message.id)?.(message);
    const update = message.params?.update;
    if (!session) return undefined;
    if (update?.sessionUpdate === "agent_message_chunk") session.text += update.content?.text ?? "";
    if (update?.sessionUpdate === "tool_call") session.tools.push(update.title ?? "");
  });
  let lastId = 0;
  async function call(method: string, params: unknown): Promise<Record<string, unknown>> {
    lastId += 1;
    const id = lastId;
    const answer = new Promise<RpcMessage>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${method}: no answer in ${REQUEST_MS} ms; stderr: ${stderr.slice(-2000)}`)),
        REQUEST_MS,
      );
      waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
    await fs.rm(home, { recursive: true, force: true });
  }
  async function open(
    config: Record<string, unknown>,
    decision: Said["decision"],
  ): Promise<Omit<Agent, "stop">> {
    const workspace = await fs.mkdtemp(path.join(home, "workspace-"));
    await fs.mkdir(path.join(workspace, ".git"));
    await fs.writeFile(path.join(workspace, "opencode.json"), JSON.stringify(config));
    const opened = await call("session/new", { cwd: workspace, mcpServers: [] });
    const sessionId = String(opened.sessionId);
    const settings = (opened.configOptions ?? []) as { id: string; currentValue: unknown }[];
    return {
      workspace,
      model: settings.find(({ id }) => id === "model")?.currentValue,
      async title() {
        const { sessions } = await call("session/list", { cwd: workspace });
        return (
          (sessions as { sessionId: string; title: string }[]).find((s) => s.sessionId === sessionId)
            ?.title ?? ""
        );
      },
      async prompt(prompt, before = []) {
        const now: Said = { decision, text: "", tools: [] };
        said.set(sessionId, now);
        const { stopReason } = await call("session/prompt", {
          sessionId,
          prompt: [...before, { type: "text", text: prompt }],
        });
        return { text: now.text, stopReason, tools: now.tools };
      },
    };
  }
  try {
    await call("initialize", { protocolVersion: 1, clientCapabilities: {} });
    return { open, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
