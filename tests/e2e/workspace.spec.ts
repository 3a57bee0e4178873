import type { Page } from "@playwright/test";
import {
  expect,
  expectAccessible,
  expectEveryLook,
  expectFits,
  expectLooks,
  signIn,
  test,
} from "./fixtures.ts";

const WRITES =
  "```demo\nwrite agents/refunds.ts <<EOF\nexport const limit = 500;\nEOF\nrun mkdir -p made && echo hi > made/by-shell.txt; printf '\\033[31mred\\033[0m \\033[42;30m PASS \\033[0m\\n10%%\\r\\033[32m99%%\\033[0m\\n'\nsay Done.\n```";

/** Both tests look at one session: making it takes longest. */
test.describe.configure({ mode: "serial" });
let sessionId = "";

const tree = (page: Page) => page.getByRole("tree", { name: "Files" });
const file = (page: Page, name: string) =>
  tree(page).getByRole("treeitem", { name: new RegExp(`^${name.replaceAll(".", "\\.")}`) });
const editor = (page: Page, name: string) => page.getByRole("textbox", { name });

test("files beside the conversation: what changed is marked, edited, saved, and never overwritten unseen", async ({
  page,
  stack,
  api,
}) => {
  test.slow();
  await signIn(page, stack);
  const session = await api.createSession();
  sessionId = session.id;
  const sandboxId = session.sandboxId ?? "";
  await page.goto(`${stack.url}/studio/${session.id}`);
  await expect(file(page, "CLAUDE.md")).toBeVisible();
  const dock = page.getByTestId("dock");
  await expect(dock.getByRole("tabpanel")).toHaveCount(0);

  // The dock opens by itself when the agent asks.
  const runId = await api.send(session.id, WRITES);
  await expect(dock.getByRole("tabpanel", { name: "Approvals" })).toContainText("agents/refunds.ts", {
    timeout: 60_000,
  });
  await expect(dock.getByRole("tab", { name: /Approvals/ })).toContainText("1");
  await expectEveryLook(page, "workspace-files");
  await page.setViewportSize({ width: 1440, height: 900 });
  await api.finish(runId);
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  await expect(dock.getByRole("tabpanel")).toContainText("Allowed");

  // BUG-14: what a command prints is drawn as a terminal draws it.
  const output = page.getByRole("group", { name: /^Output of mkdir/ });
  await expect(output.locator(".text-danger")).toHaveText("red");
  await expect(output).toHaveText("red PASS \n99%");

  // By keyboard: down to the folder, open it, and the file in it.
  await expect(file(page, "made")).toBeVisible();
  await file(page, "agents").focus();
  await page.keyboard.press("ArrowRight");
  await expect(file(page, "refunds.ts")).toContainText("new");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const text = editor(page, "agents/refunds.ts");
  await expect(text).toContainText("limit = 500");
  await text.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("// mine");
  await expect(page.getByText("Unsaved", { exact: true })).toBeVisible();
  await expect(file(page, "refunds.ts")).toContainText("unsaved");
  await page.keyboard.press("Control+s");
  await expect(page.getByText("Unsaved", { exact: true })).toHaveCount(0);
  await expect(page.getByTestId("transcript")).toContainText("saved agents/refunds.ts");
  const saved = "export const limit = 500;\n// mine";
  expect(await stack.readSandboxFile(sandboxId, "/workspace/agents/refunds.ts")).toBe(saved);

  // Somebody else changes it while it is edited: nothing is lost on either side.
  await text.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" too");
  await stack.runInSandbox(sandboxId, "echo theirs > /workspace/agents/refunds.ts");
  await page.keyboard.press("Control+s");
  const conflict = page.getByTestId("file-conflict");
  await expect(conflict).toContainText("changed while you were editing it");
  await expect(conflict).toContainText("theirs");
  await expectAccessible(page, "a conflict");
  expect(await stack.readSandboxFile(sandboxId, "/workspace/agents/refunds.ts")).toBe("theirs\n");
  await conflict.getByRole("button", { name: "Overwrite with mine" }).click();
  await expect(conflict).toHaveCount(0);
  expect(await stack.readSandboxFile(sandboxId, "/workspace/agents/refunds.ts")).toBe(`${saved} too`);

  // PAGE-6: what was typed into a file that is deleted meanwhile can be saved again.
  await text.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(", and later");
  await stack.runInSandbox(sandboxId, "rm /workspace/agents/refunds.ts");
  await page.keyboard.press("Control+s");
  await expect(page.getByTestId("unsaved-text")).toContainText("deleted while you were editing it");
  await expectAccessible(page, "unsaved text");
  await page.getByRole("button", { name: "Save again" }).click();
  await expect(page.getByTestId("unsaved-text")).toHaveCount(0);
  const again = `${saved} too, and later`;
  expect(await stack.readSandboxFile(sandboxId, "/workspace/agents/refunds.ts")).toBe(again);

  // The keys' file is nobody's to read here.
  await file(page, ".env").click();
  await expect(page.getByText("so it isn't shown here.")).toBeVisible();

  // PAGE-7: what is typed goes into the field that has opened.
  await page.getByRole("button", { name: "New file" }).click();
  await page.keyboard.type("notes/new/todo.md");
  await expect(page.getByRole("textbox", { name: "Path of the new file" })).toHaveValue("notes/new/todo.md");
  await page.keyboard.press("Enter");
  await expect(file(page, "todo.md")).toContainText("new");
  await expect(editor(page, "notes/new/todo.md")).toBeVisible();

  // BUG-8, PAGE-6: line ends stay, and what is typed survives a reload until it is saved.
  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await stack.runInSandbox(
    sandboxId,
    `cd /workspace && printf '\\357\\273\\277one\\r\\ntwo\\rthree\\nlast\\r\\n' > ends.txt && echo ${png} | base64 -d > dot.png && yes 'a line' | head -c 2000000 > big.log`,
  );
  await page.getByRole("button", { name: "Refresh files" }).click();
  await file(page, "ends.txt").click();
  await editor(page, "ends.txt").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("z");
  await expect(page.getByText("Unsaved", { exact: true })).toBeVisible();
  await page.getByRole("textbox", { name: "Message to the agent" }).fill("half a message");
  await page.reload();
  await expect(editor(page, "ends.txt")).toContainText("z");
  await expect(page.getByText("Unsaved", { exact: true })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Message to the agent" })).toHaveValue("half a message");
  await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await expect(page.getByText("Unsaved", { exact: true })).toHaveCount(0);
  const bytes = await stack.runInSandbox(sandboxId, "od -An -v -tx1 /workspace/ends.txt | tr -d ' \\n'");
  expect(bytes).toBe(Buffer.from("\uFEFFone\r\ntwo\rthree\nlast\r\nz").toString("hex"));
  await page.getByRole("textbox", { name: "Message to the agent" }).fill("");

  // PAGE-12: images are shown, large files in part, and all can be downloaded.
  await file(page, "dot.png").click();
  await expect(page.getByRole("img", { name: "dot.png" })).toBeVisible();
  await expectLooks(page, "workspace-image");
  await page.setViewportSize({ width: 1440, height: 900 });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download dot.png" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("dot.png");
  await file(page, "big.log").click();
  await expect(page.getByText(/Too large to edit here/)).toBeVisible();
  await expectLooks(page, "workspace-large-file");
  await page.setViewportSize({ width: 1440, height: 900 });
  await file(page, "big.log").click({ button: "right" });
  await expect(page.getByRole("menuitem", { name: "Download" })).toBeVisible();
  await expectAccessible(page, "the menu of a file");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Alt+Digit2");
  const changes = page.getByRole("region", { name: "Changes" });
  await expect(changes).toContainText("limit = 500");
  await page.getByRole("button", { name: "Turns" }).click();
  await expect(page.getByRole("list", { name: "Turns" })).toContainText("saved agents/refunds.ts");
  await expectLooks(page, "workspace-diff");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Split", exact: true }).press("Enter");
  const pair = changes.getByTestId("diff-pair").filter({ hasText: "limit = 500" }).first();
  await expect(pair).toBeVisible();
  await expectAccessible(page, "both texts beside each other");
  await page.screenshot({ path: "test-results/pages/workspace-split.png" });
  await page.getByRole("button", { name: "Unified", exact: true }).click();

  for (const tab of ["Status", "History", "Checkpoints", "Logs", "Sandbox", "Config"]) {
    await dock.getByRole("tab", { name: tab }).click();
    await expect(dock.getByRole("tabpanel", { name: tab })).toBeVisible();
    if (tab === "History") {
      await dock.getByRole("button", { name: /Done/ }).press("Enter");
      await expect(dock.getByText(/^[\d.]+k? tokens$/)).toBeVisible();
      await expect(dock.getByTestId("turn-details")).toContainText("I wrote agents/refunds.ts");
    }
    if (tab === "Logs") await expect(dock.getByText("session.started")).toBeVisible();
    if (tab === "Sandbox") await expect(dock.getByText(sandboxId)).toBeVisible();
    await expectAccessible(page, `dock: ${tab}`);
    await page.screenshot({ path: `test-results/pages/dock-${tab.toLowerCase()}.png` });
  }
  await page.keyboard.press("Alt+KeyJ");
  await expect(dock.getByRole("tabpanel")).toHaveCount(0);
  await page.getByRole("button", { name: "Close workspace" }).click();
  await expect(dock).toBeHidden();
  await page.reload();
  await expect(page.getByTestId("transcript")).toBeVisible();
  await expect(dock).toBeHidden();
  await page.keyboard.press("Alt+Digit1");
  await expect(tree(page)).toBeVisible();
  const splitter = page.getByRole("separator", { name: "Conversation width" });
  await splitter.focus();
  const width = Number(await splitter.getAttribute("aria-valuenow"));
  await page.keyboard.press("ArrowRight");
  await expect.poll(async () => Number(await splitter.getAttribute("aria-valuenow"))).toBeGreaterThan(width);
});

test("on a phone the parts of a session stand behind tabs; between, the workspace lies over it", async ({
  page,
  stack,
  api,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, stack, `/studio/${sessionId}`);
  const tabs = page.getByRole("tablist", { name: "Session views" });
  await expect(page.getByTestId("transcript")).toBeVisible();
  await tabs.getByRole("tab", { name: "Files" }).click();
  await file(page, "struere.json").click();
  await expect(editor(page, "struere.json")).toContainText("organization");
  await expect(page.getByTestId("transcript")).toBeHidden();
  await expectAccessible(page, "files on a phone");
  await page.screenshot({ path: "test-results/pages/workspace-file-390.png" });
  await tabs.getByRole("tab", { name: "Info" }).click();
  await expect(page.getByRole("tabpanel", { name: "Status" })).toContainText(
    "let the session stop when idle",
  );
  await expectAccessible(page, "info on a phone");
  await page.screenshot({ path: "test-results/pages/workspace-info-390.png" });
  await tabs.getByRole("tab", { name: "Session" }).click();
  await expect(page.getByTestId("transcript")).toBeVisible();

  await page.setViewportSize({ width: 1100, height: 800 });
  await expect(page.getByTestId("workspace")).toBeHidden();
  await page.getByRole("button", { name: "Open the workspace" }).click();
  await expect(tree(page)).toBeVisible();
  await page.screenshot({ path: "test-results/pages/workspace-over-1100.png" });
  await expectAccessible(page, "workspace over the conversation");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("workspace")).toBeHidden();
  await expectFits(page, "a session");
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(tree(page)).toBeVisible();
  await api.stop(sessionId);
  // Its files are shown as they were saved.
  await expect(page.getByRole("searchbox", { name: "Search in the saved files" })).toBeVisible();
});
