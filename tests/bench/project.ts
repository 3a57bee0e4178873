import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DEFINITION_KINDS, definitionPath, definitionSource } from "#domain/definitions.ts";
import { api } from "#convex/_generated/api.js";
import { DataService } from "#tests/data.ts";
import { bundleStruere } from "../../sandbox-template/bundle.ts";
import { type Figure, median } from "./figures.ts";

const DEFINITIONS = 500;
const ROUNDS = 5;
const KEY = `sk_studio_${"b".repeat(43)}`;

/** Definition `n` of the project that is measured, as its file. */
function fileOf(n: number, version: number): { name: string; text: string } {
  const kind = DEFINITION_KINDS[n % DEFINITION_KINDS.length]!;
  const name = `Thing ${n}`;
  const slug = `thing-${n}`;
  const values: Record<string, Record<string, unknown>> = {
    agent: {
      name,
      slug,
      version: `1.0.${version}`,
      systemPrompt: `You are ${name}.\n${"Say what you know, and what you don't. ".repeat(40)}`,
      tools: ["entity.query"],
    },
    entityType: {
      name: `${name}, ${version}`,
      slug,
      schema: { type: "object", properties: { title: { type: "string" }, total: { type: "number" } } },
      searchFields: ["title"],
    },
    role: {
      name: slug,
      description: `Version ${version}`,
      policies: [{ resource: "*", actions: ["read", "list"], effect: "allow" }],
    },
    trigger: {
      name: `${name}, ${version}`,
      slug,
      on: { entityType: "thing-1", action: "created" },
      actions: [{ tool: "event.emit", args: { eventType: slug, id: "{{trigger.entityId}}" } }],
    },
  };
  return { name: definitionPath(kind, slug), text: definitionSource(kind, values[kind.kind]!) };
}

async function writeProject(folder: string, version: number): Promise<void> {
  for (const { folder: name } of DEFINITION_KINDS)
    await fs.mkdir(path.join(folder, name), { recursive: true });
  for (let n = 0; n < DEFINITIONS; n += 1) {
    const { name, text } = fileOf(n, version);
    await fs.writeFile(path.join(folder, name), text);
  }
}

/** Runs the command as a whole process, as people do. @returns milliseconds */
async function run(command: string, folder: string, env: Record<string, string>, ...args: string[]) {
  const began = performance.now();
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    stdio: "pipe",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (piece: Buffer) => (output += piece.toString("utf8")));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`struere ${args.join(" ")} ended with ${code}: ${output.slice(-2_000)}`);
  return performance.now() - began;
}

/** What the command takes with 500 definitions against the embedded runtime, its own start included. */
export async function projectTimes(): Promise<Figure[]> {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), "studio-project-"));
  const data = await DataService.start();
  try {
    const command = path.join(root, "struere.mjs");
    await bundleStruere(path.resolve(import.meta.dirname, "../.."), command);
    const service = await data.service();
    const { organizationId, userId } = await service.mutation(api.identity.mirror, {
      driver: "bench",
      user: { externalId: "u", name: "Ada", email: "ada@studio.example" },
      organization: { externalId: "o", name: "Bench", slug: "bench" },
      role: "admin",
      assertedAt: Date.now(),
      welcomeMicroUsd: 0,
    });
    await service.mutation(api.apiKeys.create, {
      actor: { organizationId, userId, role: "admin" },
      name: "bench",
      hash: createHash("sha256").update(KEY).digest("hex"),
      last4: "bbbb",
      scopes: ["project:read", "project:write"],
      environment: "development",
    });
    const env = { HOME: root, CI: "1", STRUERE_API_KEY: KEY, STRUERE_CONVEX_SITE_URL: data.siteUrl };
    const times = { pull: [], push: [], none: [] } as Record<"pull" | "push" | "none", number[]>;
    const folder = path.join(root, "project");
    await fs.mkdir(folder);
    await run(command, folder, env, "pull");
    for (let round = 0; round < ROUNDS; round += 1) {
      await writeProject(folder, round);
      times.push.push(await run(command, folder, env, "push"));
      times.none.push(await run(command, folder, env, "push"));
      const fresh = path.join(root, `pulled-${round}`);
      await fs.mkdir(fresh);
      times.pull.push(await run(command, fresh, env, "pull"));
    }
    const note = `median of ${ROUNDS}`;
    const of = `${DEFINITIONS} definitions`;
    return [
      { name: `struere pull, ${of}`, unit: "ms", measured: median(times.pull), aim: 2_000, note },
      {
        name: `struere push, ${of}, all changed`,
        unit: "ms",
        measured: median(times.push),
        aim: 2_000,
        note,
      },
      { name: `struere push, ${of}, none changed`, unit: "ms", measured: median(times.none), aim: 300, note },
    ];
  } finally {
    await data.stop();
    await fs.rm(root, { recursive: true, force: true });
  }
}
