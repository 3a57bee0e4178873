import type { Page } from "@playwright/test";
import { PAYLOADS } from "#tests/xss.ts";
import { expect, signIn, test } from "./fixtures.ts";

/** What the page asked of anybody but Studio and its data; and what its policy had to stop. */
function watch(page: Page, own: RegExp) {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !own.test(request.url())) asked.push(request.url());
  });
  page.on("dialog", (dialog) => {
    asked.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => asked.push(`window: ${popup.url()}`));
  return asked;
}

const ran = async (page: Page) =>
  await page.evaluate(() => {
    const { __xss, __stopped } = window as { __xss?: unknown; __stopped?: string[] };
    return { ran: __xss ?? null, stopped: __stopped ?? [] };
  });
const NOTHING = { ran: null, stopped: [] };

test("hundreds of payloads in every place where foreign text is shown: none runs, nothing foreign is asked for", async ({
  page,
  stack,
  api,
}) => {
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(200);
  const asked = watch(page, /^(https?|ws):\/\/(localhost|127\.0\.0\.1)[:/]/);
  await page.addInitScript(() => {
    const all: string[] = [];
    (window as { __stopped?: string[] }).__stopped = all;
    document.addEventListener("securitypolicyviolation", (event) =>
      all.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await signIn(page, stack);
  const session = await api.createSession();
  const sandboxId = session.sandboxId ?? "";
  // Every channel: the person's words, the model's, a file's name and text, a diff, a command's output, a title.
  const oneLine = PAYLOADS.map((payload) => payload.replaceAll(/\s/g, " ").replaceAll("\u0001", ""));
  const text = oneLine.join("\n");
  const script = [
    "```demo",
    ...oneLine.map((payload) => `say - ${payload}\\n\\n[r]: javascript:window.__xss=1`),
    "write payloads.html <<END_OF_PAYLOADS",
    text,
    "END_OF_PAYLOADS",
    "run cat payloads.html",
    "```",
  ].join("\n");
  const names = oneLine.map((name) => name.replaceAll("/", "\u2215").slice(0, 80));
  const list = Buffer.from(names.join("\n")).toString("base64");
  await stack.runInSandbox(
    sandboxId,
    `mkdir -p /workspace/names && cd /workspace/names && echo ${list} | base64 -d | while IFS= read -r n; do : > "./$n"; done`,
  );
  await page.goto(`${stack.url}/studio/${session.id}`);
  const runId = await api.send(session.id, script);
  await api.finish(runId);
  const transcript = page.getByTestId("transcript");
  await expect(page.getByTestId("session-status")).toContainText("Idle", { timeout: 60_000 });
  await expect(transcript.getByRole("group", { name: /^Diff of/ }).first()).toContainText("__xss");
  await expect(transcript.getByRole("group", { name: /^(Output|Content|Input) of/ }).first()).toContainText(
    "__xss",
  );
  await expect(transcript.locator(".md").filter({ hasText: "__xss" }).first()).toBeVisible();
  expect(await ran(page)).toEqual(NOTHING);

  // Links that are left are of a kind that may be, and say so.
  const hrefs = await transcript
    .locator("a")
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
  expect(hrefs.filter((href) => !/^(https?|mailto):/.test(href))).toEqual([]);
  expect(
    await transcript.locator("script, iframe, object, embed, img, form, base, link, meta, style").count(),
  ).toBe(0);

  const tree = page.getByRole("tree", { name: "Files" });
  await tree.getByRole("treeitem", { name: "names" }).click();
  await expect(tree.getByRole("treeitem").nth(100)).toBeVisible();
  await tree.getByRole("treeitem", { name: "payloads.html" }).click();
  await expect(page.getByTestId("editor")).toContainText("__xss");
  await page.keyboard.press("Alt+Digit2");
  await expect(page.getByRole("region", { name: "Changes" })).toContainText("__xss");
  const dock = page.getByTestId("dock");
  for (const tab of ["Logs", "Approvals"]) await dock.getByRole("tab", { name: tab }).click();
  expect(await ran(page)).toEqual(NOTHING);

  // As titles: in the header, the tab's title, the list, the palette.
  for (const title of oneLine.filter((_, index) => index % 20 === 0)) {
    const short = title.trim().slice(0, 200);
    await api.call("PATCH", `/api/studio/sessions/${session.id}`, { title: short });
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(short.replaceAll(/\s+/g, " ").trim());
  }
  await page.goto(`${stack.url}/sessions`);
  await expect(page.getByRole("table")).toContainText(/xss|evil/);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option").first()).toBeVisible();
  expect(await ran(page)).toEqual(NOTHING);
  expect(asked).toEqual([]);
  await api.stop(session.id);
});

test("every page has a policy with a nonce of its own, and no inline script runs without it", async ({
  page,
  stack,
}) => {
  const policies: string[] = [];
  for (const path of ["/sign-in", "/nothing-here", "/nothing.here"]) {
    const answer = await page.goto(`${stack.url}${path}`);
    policies.push(answer?.headers()["content-security-policy"] ?? "");
  }
  const nonces = policies.map(
    (policy) => /script-src 'nonce-([^']{20,})' 'strict-dynamic'(;|$)/.exec(policy)?.[1],
  );
  expect(nonces.every(Boolean)).toBe(true);
  expect(new Set(nonces).size).toBe(3);
  const injected = await page.evaluate(() => {
    const script = document.createElement("div");
    script.innerHTML = `<img src="x" onerror="window.__xss = 1">`;
    document.body.append(script);
    return new Promise((resolve) => {
      setTimeout(() => resolve((window as { __xss?: unknown }).__xss ?? null), 300);
    });
  });
  expect(injected).toBeNull();
  const asset = await page.request.get(`${stack.url}/api/v1/health`);
  expect(asset.headers()["content-security-policy"]).toContain("default-src 'none'");
});
