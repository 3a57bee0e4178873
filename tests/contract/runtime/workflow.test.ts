import fs from "node:fs";
import path from "node:path";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { expect } from "vitest";
import { testWhere } from "#tests/test-where.ts";
import { serve, temporaryFolder, type Served } from "./support.ts";

/** A folder in which `@convex-dev/workflow` and `@convex-dev/workpool` are installed, with `convex` beside them. */
const packages = process.env.CONVEX_COMPONENTS ?? "";
const STEPS = 50;
/** Steps that begin only after an event. */
const EVENTS = [13, 38];
/** An action that is cut short is only noticed by the work pool after five minutes, so none is killed here. */
const TIMEOUT_MS = 600_000;

const CONFIG = `import { defineApp } from "convex/server";
import workflow from "@convex-dev/workflow/convex.config";
const app = defineApp();
app.use(workflow);
export default app;
`;
const SCHEMA = `import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
export default defineSchema({
  effects: defineTable({ step: v.number() }).index("by_step", ["step"]),
  attempts: defineTable({ step: v.number() }).index("by_step", ["step"]),
});
`;
/** Most steps are mutations that only write; two are actions that fail at first, every tenth is delayed. */
const STEPS_MODULE = `import { WorkflowManager, sendEvent } from "@convex-dev/workflow";
import { componentsGeneric, internalActionGeneric, internalMutationGeneric, makeFunctionReference, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
const components = componentsGeneric();
const workflow = new WorkflowManager(components.workflow, { workpoolOptions: { defaultRetryBehavior: { maxAttempts: 10, initialBackoffMs: 100, base: 2 } } });
const effectRef = makeFunctionReference("steps:effect");
const attemptRef = makeFunctionReference("steps:attempt");
const shakyRef = makeFunctionReference("steps:shaky");
export const effect = internalMutationGeneric({ args: { step: v.number() }, handler: async (ctx, { step }) => void (await ctx.db.insert("effects", { step })) });
/** Notes an attempt and, from the second on, the effect, unless an earlier attempt that was cut short has had it. */
export const attempt = internalMutationGeneric({ args: { step: v.number() }, handler: async (ctx, { step }) => {
  const before = await ctx.db.query("attempts").withIndex("by_step", (q) => q.eq("step", step)).collect();
  const had = await ctx.db.query("effects").withIndex("by_step", (q) => q.eq("step", step)).first();
  await ctx.db.insert("attempts", { step });
  if (before.length === 0) return false;
  if (!had) await ctx.db.insert("effects", { step });
  return true;
} });
export const shaky = internalActionGeneric({ args: { step: v.number() }, handler: async (ctx, { step }) => {
  if (!(await ctx.runMutation(attemptRef, { step }))) throw new Error("shaky at first");
} });
export const fifty = workflow.define({ args: {} }).handler(async (step) => {
  for (let n = 0; n < ${STEPS}; n++) {
    if (${JSON.stringify(EVENTS)}.includes(n)) await step.awaitEvent({ name: "go-" + n });
    if (n % 25 === 5) await step.runAction(shakyRef, { step: n }, { retry: true });
    else if (n % 10 === 7) await step.runMutation(effectRef, { step: n }, { runAfter: 200 });
    else await step.runMutation(effectRef, { step: n });
  }
});
export const start = mutationGeneric({ args: {}, handler: (ctx) => workflow.start(ctx, makeFunctionReference("steps:fifty"), {}) });
export const send = mutationGeneric({ args: { workflowId: v.string(), name: v.string() }, handler: async (ctx, { workflowId, name }) => { await sendEvent(ctx, components.workflow, { name, workflowId }); } });
export const seen = queryGeneric({ args: {}, handler: async (ctx) => (await ctx.db.query("effects").collect()).map(({ step }) => step) });
export const status = queryGeneric({ args: { workflowId: v.string() }, handler: (ctx, { workflowId }) => workflow.status(ctx, workflowId) });
`;
const start = makeFunctionReference<"mutation", Record<string, never>, string>("steps:start");
const send = makeFunctionReference<"mutation", { workflowId: string; name: string }>("steps:send");
const seen = makeFunctionReference<"query", Record<string, never>, number[]>("steps:seen");
const status = makeFunctionReference<"query", { workflowId: string }, { type: string }>("steps:status");

const testWithPackages = testWhere(
  fs.existsSync(path.join(packages, "node_modules/@convex-dev/workflow/package.json")),
  "CONVEX_COMPONENTS names no folder with @convex-dev/workflow installed",
);

testWithPackages(
  `a workflow of ${STEPS} steps survives kill -9 after each of its mutations, and each step has its effect once`,
  async () => {
    const folder = temporaryFolder();
    const dir = path.join(folder, "convex");
    fs.mkdirSync(dir);
    fs.symlinkSync(path.join(packages, "node_modules"), path.join(folder, "node_modules"));
    const files = { "convex.config.ts": CONFIG, "schema.ts": SCHEMA, "steps.ts": STEPS_MODULE };
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), text);
    const open = () => serve({ data: path.join(folder, "data"), dir });
    let served: Served = await open();
    let client = new ConvexHttpClient(served.url, { logger: false });
    const workflowId = await client.mutation(start, {});
    const sent = new Set<number>();
    let kills = 0;
    let known = 0;
    for (let isOver = false; !isOver;) {
      const steps = await client.query(seen, {});
      for (const event of EVENTS) {
        if (steps.length !== event || sent.has(event)) continue;
        await client.mutation(send, { workflowId, name: `go-${event}` });
        sent.add(event);
      }
      const isAction = (steps.length - 1) % 25 === 5;
      if (steps.length > known && !isAction) {
        known = steps.length;
        await served.kill();
        kills += 1;
        served = await open();
        client = new ConvexHttpClient(served.url, { logger: false });
      }
      isOver = (await client.query(status, { workflowId })).type !== "inProgress";
    }
    expect((await client.query(status, { workflowId })).type).toBe("completed");
    const steps = await client.query(seen, {});
    expect(steps.toSorted((a, b) => a - b)).toEqual(Array.from({ length: STEPS }, (_, n) => n));
    // Some steps come so close together that they are seen at once.
    expect(kills).toBeGreaterThan(STEPS / 2);
    await served.stop();
    fs.rmSync(folder, { recursive: true });
  },
  TIMEOUT_MS,
);
