import fs from "node:fs";
import path from "node:path";
import { componentsGeneric, makeFunctionReference, mutationGeneric, queryGeneric } from "convex/server";
import { openEngine, type EngineOptions, type LocalEngine } from "#runtime/engine/engine.ts";
import { Executions } from "#runtime/engine/executions.ts";
import { FunctionLog } from "#runtime/front/function-log.ts";
import { messages, schema } from "./app.ts";
import { atLeast, atMost, inTurns, percentile, type RuntimeFigure } from "./measure.ts";
import { start } from "./served.ts";

const MS = 4_000;
/** So many calls in a function: what the function itself costs is no part of the question. */
const CALLS = 10;
const INSTANCES = 20;
const BOOTS = 6;

const part = componentsGeneric()["part"] as unknown as { messages: { ten: never; send: never } };
const ownTen = makeFunctionReference<"query">("messages:ten");
const ownSend = makeFunctionReference<"mutation">("messages:send");
const repeated = async (call: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < CALLS; i++) await call();
};
const callers = {
  queryOwn: queryGeneric((ctx, args) => repeated(() => ctx.runQuery(ownTen, args))),
  queryPart: queryGeneric((ctx, args) => repeated(() => ctx.runQuery(part.messages.ten, args as never))),
  mutateOwn: mutationGeneric((ctx, args) => repeated(() => ctx.runMutation(ownSend, args))),
  mutatePart: mutationGeneric((ctx, args) =>
    repeated(() => ctx.runMutation(part.messages.send, args as never)),
  ),
  log: queryGeneric((_ctx, { nonce }: { nonce: number }) => {
    for (let line = 0; line < 10; line++) console.log("a line that a function logs", line, { nonce });
  }),
};

const request = (name: string, args: object) => ({
  path: name,
  args: JSON.stringify(args),
  internal: true,
});

function open(onEnded?: EngineOptions["onEnded"]): LocalEngine {
  const components = { part: { schema, modules: { messages } } };
  return openEngine({ schema, modules: { messages, callers }, components, path: ":memory:", onEnded });
}

/** Calls into a component beside calls within the app; what is kept of each function's log; the boot. */
export async function componentFigures(folder: string): Promise<RuntimeFigure[]> {
  const engine = open();
  const seed = { from: 0, count: 1_000, channels: 10 };
  await engine.mutation(request("messages:seed", seed));
  await engine.mutation(request("part;messages:seed", seed));
  const [queryOwn, queryPart] = await inTurns(
    MS,
    (i) => engine.query(request("callers:queryOwn", { channel: i % 10, nonce: i })),
    (i) => engine.query(request("callers:queryPart", { channel: i % 10, nonce: i })),
  );
  const [mutateOwn, mutatePart] = await inTurns(
    MS,
    (i) => engine.mutation(request("callers:mutateOwn", { channel: 20, seq: i })),
    (i) => engine.mutation(request("callers:mutatePart", { channel: 20, seq: i })),
  );
  await engine.close();
  const within = 1 / 1.3;
  const figures = [
    atLeast("runQuery into a component", queryPart * CALLS, "/s", within, queryOwn * CALLS, "within the app"),
    atLeast(
      "runMutation into a component",
      mutatePart * CALLS,
      "/s",
      within,
      mutateOwn * CALLS,
      "within the app",
    ),
    await logFigure(),
  ];
  figures.push(await bootFigure(folder));
  return figures;
}

/** The other thread's part of keeping the log is here, too: what it is sent is copied. */
async function logFigure(): Promise<RuntimeFigure> {
  const log = new FunctionLog(Date.now());
  const executions = new Executions((batch) => log.add(structuredClone(batch)));
  const keeping = open(executions.ended);
  const plain = open();
  const [without, kept] = await inTurns(
    MS,
    (i) => plain.query(request("callers:log", { nonce: i })),
    (i) => keeping.query(request("callers:log", { nonce: i })),
  );
  await keeping.close();
  await plain.close();
  return atLeast("a function that logs 10 lines", kept, "/s", 0.95, without, "without the log");
}

/** Two apps that differ in their components alone, started in turns. */
async function bootFigure(folder: string): Promise<RuntimeFigure> {
  const envFile = path.join(folder, "components.env");
  fs.writeFileSync(envFile, "");
  const places = ["plain", "many"].map((name) => {
    const dir = path.join(folder, `boot-${name}`, "convex");
    writeApp(dir, name === "many");
    return { dir, data: path.join(folder, `boot-${name}`, "data"), boots: [] as number[] };
  });
  for (let round = 0; round <= BOOTS; round++) {
    for (const { dir, data, boots } of places) {
      const runtime = await start(dir, data, envFile);
      // The first one bundles.
      if (round > 0) boots.push(runtime.bootMs);
      await runtime.stop();
    }
  }
  const [plain = NaN, many = NaN] = places.map(({ boots }) => percentile(boots, 0.5));
  return atMost(`boot with ${INSTANCES} components, more than without`, many - plain, "ms", 200);
}

function writeApp(dir: string, withComponents: boolean): void {
  const shared = JSON.stringify(path.join(import.meta.dirname, "app.ts"));
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  };
  const parts = withComponents ? ["", "../part/"] : [""];
  for (const at of parts) {
    write(`${at}schema.ts`, `export { schema as default } from ${shared};\n`);
    write(
      `${at}messages.ts`,
      `import { messages } from ${shared};\nexport const { ten, send } = messages;\n`,
    );
  }
  if (!withComponents) return;
  write(
    "../part/convex.config.ts",
    'import { defineComponent } from "convex/server";\nexport default defineComponent("part");\n',
  );
  const uses = Array.from({ length: INSTANCES }, (_, i) => `app.use(part, { name: "part${i}" });`);
  write(
    "convex.config.ts",
    `import { defineApp } from "convex/server";\nimport part from "../part/convex.config.ts";\nconst app = defineApp();\n${uses.join("\n")}\nexport default app;\n`,
  );
}
