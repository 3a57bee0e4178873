import type { Page, Worker } from "@playwright/test";
import { expect, signIn, test } from "./fixtures.ts";

interface Shown {
  title: string;
  body: string;
  tag: string;
  data: { path: string };
}

/** What the worker has shown, and what it has opened. A browser without a screen keeps notifications as it likes. */
interface Recorded {
  shown: Shown[];
  opened: string[];
}

/** Has the worker's notifications and windows written down. */
const record = async (worker: Worker) =>
  await worker.evaluate(() => {
    const scope = globalThis as unknown as {
      recorded: Recorded;
      registration: { showNotification: (title: string, options: Omit<Shown, "title">) => Promise<void> };
      clients: { openWindow: (url: string) => Promise<null> };
    };
    const recorded: Recorded = { shown: [], opened: [] };
    scope.recorded = recorded;
    scope.registration.showNotification = async (title, { body, tag, data }) => {
      await Promise.resolve(recorded.shown.push({ title, body, tag, data }));
    };
    // A window needs a person's click, which nobody can make here.
    scope.clients.openWindow = async (url) => {
      recorded.opened.push(url);
      return await Promise.resolve(null);
    };
  });

const recorded = async (worker: Worker) =>
  await worker.evaluate(() => (globalThis as unknown as { recorded: Recorded }).recorded);

/** Delivers pushes to the page's worker as the browser's maker would. */
async function maker(page: Page, origin: string): Promise<(message: object) => Promise<void>> {
  const cdp = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const found = registrations.find(({ scopeURL }) => scopeURL === `${origin}/`);
      if (found) resolve(found.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/sw.js");
    await navigator.serviceWorker.ready;
  });
  const registrationId = await registered;
  return async (message) => {
    const data = JSON.stringify(message);
    await cdp.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
  };
}

test("the page's worker shows a push as text, and opens Studio alone", async ({ page, stack }) => {
  const { origin } = new URL(stack.url);
  await page.context().grantPermissions(["notifications"], { origin });
  await signIn(page, stack);
  const deliver = await maker(page, origin);
  const worker = page.context().serviceWorkers()[0]!;
  await record(worker);
  const message = { title: "Needs approval: <img src=x>", body: "<b>Run</b>\nAnd 2 more in Studio." };
  await deliver({ ...message, id: "none", path: "/approvals" });
  await deliver({ ...message, id: null, path: "https://evil.example/" });
  await expect.poll(async () => (await recorded(worker)).shown).toHaveLength(2);
  const { shown } = await recorded(worker);
  expect(shown).toEqual(
    expect.arrayContaining([
      { ...message, tag: "none", data: { path: "/approvals" } },
      { ...message, tag: "studio", data: { path: "https://evil.example/" } },
    ]),
  );

  /** A click on a notification. @returns whether that has closed it */
  const click = async (path: string) =>
    await worker.evaluate(async (where) => {
      let isClosed = false;
      const waits: Promise<unknown>[] = [];
      const event = Object.assign(new Event("notificationclick"), {
        notification: { data: { path: where }, close: () => (isClosed = true) },
        waitUntil: (work: Promise<unknown>) => waits.push(work),
      });
      globalThis.dispatchEvent(event);
      await Promise.all(waits);
      return isClosed;
    }, path);
  for (const { data } of shown) expect(await click(data.path)).toBe(true);
  expect((await recorded(worker)).opened).toEqual([`${origin}/approvals`]);
});

test("Studio can be installed as an app", async ({ page, stack }) => {
  await signIn(page, stack);
  const link = await page.locator('link[rel="manifest"]').getAttribute("href");
  const response = await page.request.get(new URL(link ?? "", stack.url).href);
  const manifest = (await response.json()) as { display: string; icons: { src: string }[] };
  expect(manifest.display).toBe("standalone");
  for (const { src } of manifest.icons) {
    const icon = await page.request.get(new URL(src, stack.url).href);
    expect([icon.status(), icon.headers()["content-type"]]).toEqual([200, "image/png"]);
  }
});
