/**
 * `npm run bench:page [-- --json] [--events 18000]`: how the pages feel in Chromium on a long session. It informs:
 * it fails only where it cannot measure. Aims: the issue's own.
 */
import { parseArgs } from "node:util";
import type { Browser, Page } from "@playwright/test";
import { Api } from "#tests/api.ts";
import { turnEvents } from "#tests/long-session.ts";
import type { Stack } from "#tests/stack.ts";
import { benchPages, signedIn } from "./browser.ts";
import { type Figure, median, percentile } from "./figures.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, events: { type: "string", default: "18000" } },
});
const EVENTS = Number(values.events);
const STREAM_S = 10;
const PER_SECOND = 50;
const DIFF_LINES = 5_000;
const ROUNDS = 3;

/** What the page measures of itself: its largest paint, tasks that hold it up, and how soon it answers. */
const OBSERVE = () => {
  const seen = { lcp: 0, longTasks: [] as number[], interactions: [] as number[] };
  (window as { __seen?: typeof seen }).__seen = seen;
  const observe = (type: string, take: (entry: PerformanceEntry & { interactionId?: number }) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
      ...(type === "event" && { durationThreshold: 16 }),
    });
  observe("largest-contentful-paint", (entry) => (seen.lcp = entry.startTime));
  observe("longtask", (entry) => seen.longTasks.push(entry.duration));
  observe("event", (entry) => entry.interactionId && seen.interactions.push(entry.duration));
};

interface Seen {
  lcp: number;
  longTasks: number[];
  interactions: number[];
}
const seen = async (page: Page) => await page.evaluate(() => (window as unknown as { __seen: Seen }).__seen);
const forget = async (page: Page) =>
  await page.evaluate(() => {
    const { __seen: all } = window as unknown as { __seen: Seen };
    all.longTasks.length = 0;
    all.interactions.length = 0;
  });

/** Bytes of JavaScript that a fresh visit of a page takes, as they come over the wire. */
async function scripts(
  browser: Browser,
  storage: Awaited<ReturnType<typeof signedIn>> | undefined,
  url: string,
): Promise<number> {
  const context = await browser.newContext(storage && { storageState: storage });
  const page = await context.newPage();
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    if (request.resourceType() === "script")
      sizes.push(request.sizes().then((size) => size.responseBodySize));
  });
  await page.goto(url, { waitUntil: "networkidle" }).catch(() => undefined);
  const all = await Promise.all(sizes);
  await context.close();
  return all.reduce((sum, size) => sum + size, 0) / 1000;
}

async function open(browser: Browser, storage: Awaited<ReturnType<typeof signedIn>>): Promise<Page> {
  const context = await browser.newContext({ storageState: storage, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(OBSERVE);
  return page;
}

const heapMb = async (page: Page): Promise<number> => {
  const client = await page.context().newCDPSession(page);
  await client.send("HeapProfiler.collectGarbage");
  const { usedSize } = await client.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
};

async function measure(stack: Stack, browser: Browser): Promise<Figure[]> {
  const api = Api.withKey(stack.url, stack.credentials.apiKey);
  const storage = await signedIn(browser, stack);

  const long = await api.createSession();
  const turns = Math.ceil(EVENTS / turnEvents(1).length);
  const count = await stack.longSession(long.id, { turns });
  const url = `${stack.url}/studio/${long.id}`;
  const figures: Figure[] = [];

  const lcps: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await open(browser, storage);
    await page.goto(`${stack.url}/studio`);
    await page.getByRole("button", { name: "Start" }).waitFor();
    await page.waitForTimeout(500);
    lcps.push((await seen(page)).lcp);
    await page.context().close();
  }
  figures.push({ name: "start page, largest paint", unit: "ms", measured: median(lcps), aim: 1_500 });

  const visible: number[] = [];
  const paints: number[] = [];
  let page = await open(browser, storage);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round > 0) {
      await page.context().close();
      page = await open(browser, storage);
    }
    const startedAt = performance.now();
    await page.goto(url, { waitUntil: "commit" });
    await page.getByText(`turn ${turns} is done`).waitFor();
    visible.push(performance.now() - startedAt);
    await page.waitForTimeout(1_000);
    paints.push((await seen(page)).lcp);
  }
  const note = `${count} events`;
  figures.push({
    name: "long session, last message visible",
    unit: "ms",
    measured: median(visible),
    aim: 1_500,
    note,
  });
  figures.push({ name: "long session, largest paint", unit: "ms", measured: median(paints), aim: 1_500 });
  figures.push({ name: "long session, heap", unit: "MB", measured: await heapMb(page), aim: 300 });

  await forget(page);
  const composer = page.getByRole("textbox", { name: "Message to the agent" });
  const events = Array.from({ length: 60 }, (_, turn) => turnEvents(turns + turn + 1)).flat();
  const until = performance.now() + STREAM_S * 1_000;
  let at = 0;
  while (performance.now() < until) {
    const began = performance.now();
    await stack.append(long.id, events.slice(at, (at += PER_SECOND / 2)));
    await composer.press("a");
    await page.getByRole("tab", { name: at % 100 === 0 ? "Status" : "Config" }).click();
    await page.waitForTimeout(Math.max(0, 500 - (performance.now() - began)));
  }
  const { longTasks, interactions } = await seen(page);
  const streaming = `${PER_SECOND} events a second, ${STREAM_S} s`;
  figures.push({
    name: "while it streams, answer to input (98 %)",
    unit: "ms",
    measured: interactions.length === 0 ? 0 : percentile(interactions, 0.98),
    aim: 200,
    note: streaming,
  });
  figures.push({
    name: "while it streams, longest task",
    unit: "ms",
    measured: Math.max(0, ...longTasks),
    note: `${longTasks.length} above 50 ms`,
  });
  figures.push({ name: "after streaming, heap", unit: "MB", measured: await heapMb(page), aim: 300 });
  await page.context().close();
  await api.stop(long.id);

  const wide = await api.createSession();
  const before = Array.from({ length: DIFF_LINES }, (_, line) => `line ${line}`).join("\n");
  const diff = {
    path: "/workspace/large.ts",
    old_text: before,
    new_text: before.replaceAll(/\d+$/gm, "$&;"),
  };
  const tool = { tool_call_id: "large", tool_name: "edit" };
  await stack.append(wide.id, [
    {
      type: "tool.started",
      source: "bench",
      payload: { ...tool, kind: "edit", title: "large.ts", tool_input: {} },
    },
    {
      type: "tool.completed",
      source: "bench",
      payload: { ...tool, title: "large.ts", output: "", duration_ms: 1, diff },
    },
  ] as ReturnType<typeof turnEvents>);
  page = await open(browser, storage);
  await page.goto(`${stack.url}/studio/${wide.id}`);
  await page.getByTestId("transcript").waitFor();
  const shownAt = performance.now();
  await page.keyboard.press("Alt+Digit2");
  await page.getByRole("region", { name: "Changes" }).getByText("line 1", { exact: true }).first().waitFor();
  figures.push({
    name: "diff of 5,000 changed lines, shown",
    unit: "ms",
    measured: performance.now() - shownAt,
    aim: 1_000,
  });
  await page.context().close();
  await api.stop(wide.id);

  for (const [name, path, aim] of [
    ["start page", "/studio", 300],
    ["session page", `/studio/${wide.id}`, undefined],
    ["sessions", "/sessions", undefined],
    ["sign-in", "/sign-in", undefined],
  ] as const)
    figures.push({
      name: `JavaScript of the ${name}`,
      unit: "kB",
      measured: await scripts(browser, path === "/sign-in" ? undefined : storage, `${stack.url}${path}`),
      ...(aim !== undefined && { aim }),
    });
  return figures;
}

await benchPages(measure, values.json);
process.exit(0);
