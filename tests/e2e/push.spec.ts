import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./fixtures.ts";

/** What this device shows now. */
const shown = async (page: Page) =>
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/sw.js");
    const all = (await registration?.getNotifications()) ?? [];
    return all.map(({ title, body, tag }) => ({ title, body, tag }));
  });

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
  const message = { title: "Needs approval: <img src=x>", body: "<b>Run</b>\nAnd 2 more in Studio." };
  await deliver({ ...message, id: "none", path: "/approvals" });
  await expect.poll(async () => await shown(page)).toEqual([{ ...message, tag: "none" }]);
  await deliver({ ...message, id: null, path: "https://evil.example/" });
  await expect.poll(async () => (await shown(page)).map(({ tag }) => tag)).toEqual(["none", "studio"]);

  const worker = page.context().serviceWorkers()[0]!;
  /** What a click on a notification opens, and whether it's gone then. */
  const click = async (tag: string) =>
    await worker.evaluate(async (wanted) => {
      const scope = globalThis as unknown as {
        registration: ServiceWorkerRegistration;
        clients: { openWindow: (url: string) => Promise<null> };
      };
      const opened: string[] = [];
      // A window needs a person's click, which nobody can make here.
      scope.clients.openWindow = async (url) => {
        opened.push(url);
        return await Promise.resolve(null);
      };
      const [notification] = await scope.registration.getNotifications({ tag: wanted });
      const waits: Promise<unknown>[] = [];
      const event = Object.assign(new Event("notificationclick"), {
        notification,
        waitUntil: (work: Promise<unknown>) => waits.push(work),
      });
      globalThis.dispatchEvent(event);
      await Promise.all(waits);
      return opened;
    }, tag);
  expect(await click("none")).toEqual([`${origin}/approvals`]);
  expect(await click("studio")).toEqual([]);
  expect(await shown(page)).toEqual([]);
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
