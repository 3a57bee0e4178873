import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Service } from "#cli/up/services.ts";
import type { CallRecord } from "#demo-model/record.ts";
import { Stack } from "#tests/stack.ts";
import { Wire } from "./wires.ts";

/** The connections of Studio's parts that can be broken, each pair of them. */
export interface Wires {
  "a listener and the server": Wire;
  "the server and the database": Wire;
  "the server and the sandbox host": Wire;
  "the server and what runs in the sandbox": Wire;
  "the agent and the gateway": Wire;
  "the gateway and the model": Wire;
}

/** A model's and an agent's silence end soon here: a round waits for them. */
const MODEL_SILENCE_S = 6;
const AGENT_SILENCE_S = 20;
/** A sandbox over this is ended by its host. */
const DISK_MB = 400;

const portOf = (url: string | undefined) => Number(new URL(url ?? "").port);
const loopback = (wire: Wire) => `http://127.0.0.1:${wire.port}`;

/** All of Studio, with a wire between each pair of its parts, and a clock that can be set. */
export class Field {
  readonly stack: Stack;
  readonly wires: Wires;
  readonly #clock: string;
  readonly #record: string;

  private constructor(stack: Stack, wires: Wires, data: string) {
    this.stack = stack;
    this.wires = wires;
    this.#clock = Field.#file(data, "clock");
    this.#record = Field.#file(data, "model-calls");
  }

  static #file(data: string, name: string): string {
    return path.join(data, name);
  }

  static async start(): Promise<Field> {
    const held: { wires?: Wires } = {};
    const stack = await Stack.start(async (all, data) => {
      const made = await wiresOf(all);
      held.wires = made;
      return all.map((service) => adapted(service, made, data));
    });
    if (!held.wires) throw new Error("the services were not adapted");
    return new Field(stack, held.wires, stack.data);
  }

  /** Sets the wall clock of every part of Studio, to so many milliseconds behind the machine's, or before it. */
  setClock(offsetMs: number): void {
    fs.writeFileSync(this.#clock, String(offsetMs));
  }

  /** What the model has on record, from behind so many calls. */
  modelCalls(after = 0): CallRecord[] {
    if (!fs.existsSync(this.#record)) return [];
    const lines = fs.readFileSync(this.#record, "utf8").split("\n").filter(Boolean);
    return lines.slice(after).map((line) => JSON.parse(line) as CallRecord);
  }

  /** Everything passes again, and the clock is right. */
  mend(): void {
    for (const wire of Object.values(this.wires) as Wire[]) wire.mend();
    this.setClock(0);
  }

  async stop(): Promise<void> {
    this.mend();
    await this.stack.stop();
    for (const wire of Object.values(this.wires) as Wire[]) await wire.close();
  }
}

async function wiresOf(all: Service[]): Promise<Wires> {
  const env = all.find(({ name }) => name === "web")?.env ?? {};
  const web = await Wire.to(portOf(env.STUDIO_PUBLIC_URL));
  return {
    "a listener and the server": web,
    "the server and the database": await Wire.to(portOf(env.CONVEX_URL)),
    "the server and the sandbox host": await Wire.to(portOf(env.E2B_API_URL)),
    "the server and what runs in the sandbox": await Wire.to(portOf(env.E2B_SANDBOX_URL)),
    "the agent and the gateway": await Wire.to(portOf(env.STUDIO_PUBLIC_URL)),
    "the gateway and the model": await Wire.to(portOf(env.DEMO_MODEL_URL)),
  };
}

function adapted(service: Service, wires: Wires, data: string): Service {
  const clock = {
    NODE_OPTIONS: `--import=${pathToFileURL(path.join(import.meta.dirname, "clock.ts")).href}`,
    STUDIO_TEST_CLOCK: path.join(data, "clock"),
  };
  switch (service.name) {
    case "web":
      return {
        ...service,
        env: {
          ...service.env,
          ...clock,
          CONVEX_URL: loopback(wires["the server and the database"]),
          E2B_API_URL: loopback(wires["the server and the sandbox host"]),
          E2B_SANDBOX_URL: loopback(wires["the server and what runs in the sandbox"]),
          DEMO_MODEL_URL: loopback(wires["the gateway and the model"]),
          STUDIO_MODEL_SILENCE_SECONDS: String(MODEL_SILENCE_S),
          STUDIO_AGENT_SILENCE_SECONDS: String(AGENT_SILENCE_S),
        },
      };
    case "sandboxes": {
      const { port } = wires["the agent and the gateway"];
      const args = service.args.map((word) =>
        word.startsWith("studio.internal:") ? word.replace(/\d+$/, String(port)) : word,
      );
      return { ...service, args: [...args, "--disk-mb", String(DISK_MB)], env: { ...service.env, ...clock } };
    }
    case "demo model":
      return { ...service, args: [...service.args, "--record", path.join(data, "model-calls")] };
    default:
      return { ...service, env: { ...service.env, ...clock } };
  }
}
