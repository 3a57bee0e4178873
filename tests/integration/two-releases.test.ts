import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, onTestFinished } from "vitest";
import { Api, until } from "#tests/api.ts";
import { asPrevious, hasPreviousRelease, unpackPreviousRelease } from "#tests/previous-release.ts";
import { Stack, type Started } from "#tests/stack.ts";
import { testWhere } from "#tests/test-where.ts";

/** A deploy as docs/operating.md has it: Convex first, then workers, then web servers, while people work. */

const script = (...lines: string[]) => ["```demo", ...lines, "```"].join("\n");
const LINES = 12;
const counting = script(`run for i in $(seq ${LINES}); do echo line $i; sleep 0.5; done`, "say all said");

/** Studio as the release before has it, but for what stands in for hosted services. */
async function startPrevious(): Promise<{ stack: Stack; current: Map<string, Started> }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-previous-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  unpackPreviousRelease(folder);
  const current = new Map<string, Started>();
  const stack = await Stack.start(
    async (all) => {
      for (const service of all) current.set(service.name, service);
      return all.map((service) =>
        ["data", "web", "worker"].includes(service.name) ? asPrevious(service, folder) : service,
      );
    },
    { worker: true },
  );
  onTestFinished(async () => await stack.stop());
  return { stack, current };
}

testWhere(hasPreviousRelease, "this clone has no history")(
  "the release before and this one share a database through a deploy, and on the way back",
  async () => {
    const { stack, current } = await startPrevious();
    const upgrade = (name: "data" | "web" | "worker") => {
      const service = current.get(name);
      if (service) stack.replace(service);
    };
    const old = Api.withKey(stack.url, stack.credentials.apiKey);
    const { id } = await old.createSession();
    const asked = await old.send(id, "create a file old.txt containing asked before");
    const { approval_key } = await old.question(asked);

    // Convex, with this release's functions: the old servers go on, and what was asked before is answered.
    const previousWorker = stack.service("worker");
    upgrade("data");
    await stack.kill("data", "SIGTERM");
    await stack.restart("data");
    await until(
      "the answer is taken",
      async () => (await old.decide(asked, approval_key, "approved")).status === 200,
    );
    expect(await old.finish(asked)).toMatchObject({ status: "completed" });

    // Workers: this release's takes over from the old one in the middle of a command.
    const carried = await old.send(id, counting);
    await old.decide(carried, (await old.question(carried)).approval_key, "approved");
    await until("a part of the output", async () =>
      (await old.eventsOf(id, carried)).some(({ type }) => type === "tool.output.chunk"),
    );
    upgrade("worker");
    await stack.startSecondWorker();
    await stack.kill("worker", "SIGTERM");
    const run = await old.finish(carried);
    expect(run).toMatchObject({ status: "completed" });
    expect(run.output).toContain("all said");
    const done = (await old.eventsOf(id, carried)).filter(({ type }) => type === "tool.completed");
    expect(done.map(({ payload }) => payload.output)).toEqual([
      Array.from({ length: LINES }, (_, i) => `line ${i + 1}\n`).join(""),
    ]);

    // Web servers: both at once. What one begins the other sees, in the words that it knows.
    upgrade("web");
    const next = Api.withKey(await stack.startSecond(), stack.credentials.apiKey);
    const shared = await next.send(id, "create a file new.txt containing new");
    await old.decide(shared, (await next.question(shared)).approval_key, "approved");
    expect(await next.finish(shared)).toMatchObject({ status: "completed" });
    await until("what the old one says of a session, the new one says, too", async () => {
      const [before, after] = await Promise.all([old.session(id), next.session(id)]);
      return Object.entries(before).every(([name, value]) => isDeepStrictEqual(Object(after)[name], value));
    });
    expect(await next.run(shared)).toMatchObject(await old.run(shared));
    const events = await next.events(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(await old.events(id)).toEqual(events);

    // The way back: the old servers again, over data that the new ones have written.
    stack.replace(previousWorker);
    await stack.restart("worker");
    await stack.kill("second worker", "SIGTERM");
    await stack.kill("second web", "SIGTERM");
    const back = await old.send(id, "create a file back.txt containing back");
    expect(await old.finish(back)).toMatchObject({ status: "completed" });
    expect(await old.stop(id)).toBe(204);
    expect(await stack.overdue(0)).toEqual([]);
  },
  400_000,
);
