/**
 * `npm run bench:scroll [-- --json] [--events 50000]`: whether the inspector of a long session is ever seen without its
 * rows while somebody scrolls. It counts in the frames that Chromium has drawn, not in the document: a list may have its
 * rows there a frame too late.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Browser, Page } from "@playwright/test";
import { Api } from "#tests/api.ts";
import { turnEvents } from "#tests/long-session.ts";
import type { Stack } from "#tests/stack.ts";
import { benchPages, signedIn } from "./browser.ts";
import { type Figure } from "./figures.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, events: { type: "string", default: "50000" } },
});
const EVENTS = Number(values.events);
const STEPS = 60;
const STEP_MS = 50;
/** Height of a row, in pixels: the mark of its number stands in each band of that height. */
const ROW_PX = 30;

interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** How many of the drawn frames have a band of the height of two rows, anywhere in the area, with nothing in it. */
async function blankFrames(browser: Browser, frames: readonly string[], area: Area): Promise<number> {
  const page = await browser.newPage();
  let blank = 0;
  for (const frame of frames)
    blank += await page.evaluate(
      async ({ data, box, bandPx }) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d")!;
        context.drawImage(image, 0, 0);
        for (let top = box.top; top + bandPx <= box.top + box.height; top += bandPx) {
          const pixels = new Uint32Array(context.getImageData(box.left, top, box.width, bandPx).data.buffer);
          if (pixels.every((pixel) => pixel === pixels[0])) return 1;
        }
        return 0;
      },
      { data: frame, box: area, bandPx: ROW_PX * 2 },
    );
  await page.close();
  return blank;
}

/** Scrolls in one way, and keeps what the browser draws meanwhile. */
async function drawn(page: Page, step: (count: number) => Promise<void>): Promise<string[]> {
  const client = await page.context().newCDPSession(page);
  const frames: string[] = [];
  client.on("Page.screencastFrame", ({ data, sessionId }) => {
    frames.push(data);
    void client.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined);
  });
  await client.send("Page.startScreencast", { format: "png", everyNthFrame: 1 });
  for (let count = 0; count < STEPS; count += 1) {
    await step(count);
    await sleep(STEP_MS);
  }
  await client.send("Page.stopScreencast");
  await client.detach();
  return frames;
}

const SETTLED_MS = 3_000;
const LOADED_WITHIN_MS = 120_000;

/** Waits until the list gets no more rows; events that belong together are one. */
async function loaded(page: Page): Promise<void> {
  const row = page.getByTestId("events").getByRole("option").first();
  const until = performance.now() + LOADED_WITHIN_MS;
  for (let before = ""; performance.now() < until; await sleep(SETTLED_MS)) {
    const now = (await row.getAttribute("aria-setsize")) ?? "";
    if (now !== "" && now === before) return;
    before = now;
  }
  throw new Error("The inspector goes on loading.");
}

async function measure(stack: Stack, browser: Browser): Promise<Figure[]> {
  const api = Api.withKey(stack.url, stack.credentials.apiKey);
  const { id } = await api.createSession();
  const count = await stack.longSession(id, { turns: Math.ceil(EVENTS / turnEvents(1).length) });
  const context = await browser.newContext({
    storageState: await signedIn(browser, stack),
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(`${stack.url}/sessions/${id}/inspect`);
  const list = page.getByTestId("events");
  await list.getByRole("option").first().waitFor();
  await loaded(page);
  const box = await list.boundingBox();
  if (!box) throw new Error("The list of events isn't shown.");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  // The column of numbers and that of types: neither is empty in any row.
  const area = {
    left: Math.ceil(box.x) + 4,
    top: Math.ceil(box.y) + 1,
    width: 300,
    height: Math.floor(box.height) - 2,
  };
  const ways: Record<string, (step: number) => Promise<void>> = {
    "slow wheel, 240 px a step": async () => await page.mouse.wheel(0, 240),
    "quick wheel, 1,500 px a step": async () => await page.mouse.wheel(0, 1_500),
    "a fling, 6,000 px a step": async () => await page.mouse.wheel(0, 6_000),
    "jumps of the scroll bar": async (step) =>
      await list.evaluate(
        (element, part) => element.scrollTo({ top: element.scrollHeight * part }),
        (step * 0.37) % 1,
      ),
  };
  const figures: Figure[] = [];
  for (const [name, step] of Object.entries(ways)) {
    const frames = await drawn(page, step);
    if (frames.length < STEPS / 4) throw new Error(`Only ${frames.length} frames were drawn: ${name}.`);
    const blank = await blankFrames(browser, frames, area);
    figures.push({
      name,
      unit: "frames",
      measured: blank,
      aim: 0,
      note: `without rows, of ${frames.length}; ${count} events`,
    });
  }
  await api.stop(id);
  return figures;
}

await benchPages(measure, values.json);
process.exit(0);
