import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { atMost, figure, parallelRate, percentile, rate, type RuntimeFigure } from "./measure.ts";

const MS = 2_000;
const ROUNDS = 60;
const SOCKETS = 8;
const root = path.resolve(import.meta.dirname, "../../..");
const send = makeFunctionReference<"mutation", { channel: number; seq: number }>("messages:send");

interface Runtime {
  url: string;
  child: ChildProcess;
  bootMs: number;
  stop: () => Promise<void>;
}

export async function start(dir: string, data: string, envFile: string): Promise<Runtime> {
  const startedMs = performance.now();
  const flags = ["--dir", dir, "--data", data, "--admin-key", "bench", "--port", "0", "--site-port", "0"];
  const child = spawn(
    process.execPath,
    ["--", path.join(root, "lib/runtime/main.mjs"), ...flags, "--env-file", envFile],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const bootMs = performance.now() - startedMs;
  const { url } = JSON.parse(line.toString()) as { url: string };
  const stop = async (): Promise<void> => {
    const closed = once(child, "close");
    child.kill();
    await closed;
  };
  return { url, child, bootMs, stop };
}

function residentMb({ child }: Runtime): number {
  const status = fs.readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** The runtime as a process of its own, through the official clients. */
export async function servedFigures(folder: string): Promise<RuntimeFigure[]> {
  const envFile = path.join(folder, "app.env");
  fs.writeFileSync(envFile, `STUDIO_JWKS=data:text/plain;base64,${btoa('{"keys":[]}')}\n`);
  const figures = await bootFigures(folder, envFile);
  const app = path.join(folder, "app");
  fs.mkdirSync(app);
  const shared = JSON.stringify(path.join(import.meta.dirname, "app.ts"));
  fs.writeFileSync(path.join(app, "schema.ts"), `export { schema as default } from ${shared};\n`);
  const names = ["seed", "ids", "ten", "get", "send"];
  const lines = names.map((name) => `export const ${name} = messages.${name};`).join("\n");
  fs.writeFileSync(path.join(app, "messages.ts"), `import { messages } from ${shared};\n${lines}\n`);
  const runtime = await start(app, path.join(folder, "served"), envFile);
  const http = new ConvexHttpClient(runtime.url);
  let seq = 0;
  const next = () => ({ channel: 500_000 + (seq % 1000), seq: seq++ });
  figures.push(
    figure("HTTP mutations, one after the other", await rate(MS, () => http.mutation(send, next())), "/s"),
  );
  const many = await parallelRate(MS, 32, () => http.mutation(send, next(), { skipQueue: true }));
  figures.push(figure("HTTP mutations, 32 at a time", many, "/s"));
  // More under way than one connection may have of a client that has not signed in.
  const clients = Array.from({ length: SOCKETS }, () => new ConvexClient(runtime.url));
  figures.push(
    figure(
      "WebSocket mutations, 64 at a time",
      await parallelRate(MS, 64, () => clients[seq % SOCKETS]?.mutation(send, next()) ?? Promise.resolve()),
      "/s",
    ),
  );
  await Promise.all(clients.map((client) => client.close()));
  figures.push(...(await fanOut(runtime.url, 100, 15)), ...(await fanOut(runtime.url, 1_000, null)));
  figures.push(figure("memory after all this", residentMb(runtime), "MB"));
  await runtime.stop();
  return figures;
}

async function bootFigures(folder: string, envFile: string): Promise<RuntimeFigure[]> {
  const data = path.join(folder, "boot");
  const boots: number[] = [];
  let memory = 0;
  for (let i = 0; i < 6; i++) {
    const runtime = await start(path.join(root, "convex"), data, envFile);
    boots.push(runtime.bootMs);
    await new Promise((resolve) => setTimeout(resolve, 300));
    memory = residentMb(runtime);
    await runtime.stop();
  }
  const [first = NaN, ...later] = boots;
  return [
    figure("boot of Studio's folder, first", first, "ms"),
    atMost("boot of Studio's folder, unchanged", percentile(later, 0.5), "ms", 300),
    figure("memory after the boot", memory, "MB"),
  ];
}

/** From a mutation's sending until a client has its result, for each client of one query. */
async function fanOut(url: string, clients: number, limitMs: number | null): Promise<RuntimeFigure[]> {
  const sockets: WebSocket[] = [];
  const times: number[] = [];
  let sentMs = 0;
  let open: () => void = () => undefined;
  let heard = 0;
  const channel = 900_000 + clients;
  for (let i = 0; i < clients; i++) {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/sync`);
    socket.addEventListener("message", ({ data }) => {
      if (!String(data).includes("QueryUpdated")) return;
      if (sentMs > 0) times.push(performance.now() - sentMs);
      if (++heard === clients) open();
    });
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "Connect", sessionId: crypto.randomUUID(), connectionCount: 0 }));
    const add = { type: "Add", queryId: 0, udfPath: "messages:ten", args: [{ channel, nonce: 0 }] };
    const modify = { type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications: [add] };
    socket.send(JSON.stringify(modify));
    sockets.push(socket);
  }
  const all = async (): Promise<void> => {
    const everyone = new Promise<void>((resolve) => (open = resolve));
    if (heard < clients) await everyone;
    heard = 0;
  };
  await all();
  const http = new ConvexHttpClient(url);
  // Descending, so that each one is among the first ten.
  for (let round = 0; round < ROUNDS; round++) {
    sentMs = performance.now();
    const told = all();
    await http.mutation(send, { channel, seq: ROUNDS - round });
    await told;
  }
  for (const socket of sockets) socket.close();
  const name = `fan-out to ${clients} clients`;
  const p95 = percentile(times, 0.95);
  return [
    figure(`${name}, median`, percentile(times, 0.5), "ms"),
    limitMs === null ? figure(`${name}, p95`, p95, "ms") : atMost(`${name}, p95`, p95, "ms", limitMs),
  ];
}
