import { expect, expectAccessible, expectEveryLook, signIn, test } from "./fixtures.ts";
import { until } from "#tests/api.ts";

/** Both tests look at one session: making it takes longest. */
test.describe.configure({ mode: "serial" });
let sessionId = "";

test("a turn branches to another model, by two fast clicks into one session", async ({
  page,
  stack,
  api,
}) => {
  test.slow();
  const saved = await api.call("PUT", "/api/v1/provider-keys/compatible:house", {
    api_key: "house-key-1234",
    name: "House",
    base_url: `${stack.env("web").DEMO_MODEL_URL}/v1`,
    models: [{ id: "demo", name: "House model", prices: { input_micro_usd: 1, output_micro_usd: 1 } }],
  });
  expect(saved.status).toBe(200);
  const session = await api.createSession();
  sessionId = session.id;
  const runId = await api.send(sessionId, "create a file notes.txt containing a needle here");
  await api.finish(runId);
  await until("the work to be saved", async () => (await api.session(sessionId)).checkpointId);

  await signIn(page, stack, `/studio/${sessionId}`);
  const transcript = page.getByTestId("transcript");
  await expect(transcript).toContainText("Turn 1 ended");
  await transcript.getByText("Turn 1 ended").hover();
  await transcript.getByRole("button", { name: "What changed, turn 1" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("notes.txt");
  await expect(dialog).toContainText("a needle here");
  await expectAccessible(page, "what a turn changed");
  await page.keyboard.press("Escape");

  await transcript.getByRole("button", { name: "Branch from here, turn 1" }).focus();
  await page.keyboard.press("Enter");
  await expect(dialog).toContainText("Branch from turn 1");
  await expectEveryLook(page, "branch-dialog");
  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByRole("combobox", { name: /Provider/ }).click();
  await page.getByRole("option", { name: "House" }).click();
  await expect(dialog.getByRole("combobox", { name: /Model/ })).toContainText("House model");
  const before = (await api.call<{ sessions: unknown[] }>("GET", "/api/studio/sessions?limit=100")).body;
  await dialog.getByRole("button", { name: "Branch" }).dblclick();
  await expect(page).not.toHaveURL(new RegExp(sessionId));
  await expect(page).toHaveURL(/\/studio\/\w+$/);
  const head = page.getByRole("region", { name: "Where this session branches from" });
  await expect(head).toContainText("branched this from");
  await expect(head).toContainText("It began with the files saved there");
  await expect(page.getByTestId("session-status")).toContainText("Ready", { timeout: 60_000 });
  const after = (await api.call<{ sessions: unknown[] }>("GET", "/api/studio/sessions?limit=100")).body;
  expect(after.sessions).toHaveLength(before.sessions.length + 1);
  await head.getByRole("button", { name: "Show the earlier conversation" }).click();
  await expect(page.getByTestId("earlier")).toContainText("create a file notes.txt");
  await expectAccessible(page, "a branch");
  const branchId = page.url().split("/").at(-1) ?? "";
  expect(await api.session(branchId)).toMatchObject({
    provider: "compatible:house",
    parentSessionId: sessionId,
  });
  const { sandboxId } = await api.session(branchId);
  expect(await stack.readSandboxFile(sandboxId ?? "", "/workspace/notes.txt")).toContain("needle");
  await api.stop(branchId);

  await page.goto(`${stack.url}/sessions`);
  await page
    .getByRole("link", { name: /^Branch of/ })
    .last()
    .click();
  await expect(page).toHaveURL(new RegExp(`/studio/${sessionId}`));
});

test("a stopped session's files are looked at, searched and downloaded without a sandbox", async ({
  page,
  stack,
  api,
}) => {
  await api.stop(sessionId);
  await signIn(page, stack, `/studio/${sessionId}`);
  const pane = page.getByTestId("workspace");
  const tree = pane.getByRole("tree", { name: "Files" });
  await tree.getByRole("treeitem", { name: /^notes\.txt/ }).click();
  await expect(pane.getByRole("textbox", { name: "notes.txt" })).toContainText("a needle here");
  await pane.getByRole("searchbox", { name: "Search in the saved files" }).fill("NEEDLE");
  const found = pane.getByRole("region", { name: "Search results" });
  await expect(found).toContainText("1 match");
  await found.getByRole("button", { name: /notes\.txt/ }).click();
  await expectAccessible(page, "a stopped session's files");
  await expectEveryLook(page, "saved-files");
  await page.setViewportSize({ width: 1440, height: 900 });
  const download = page.waitForEvent("download");
  await pane.getByRole("link", { name: "Download the saved files" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.tar\.gz$/);
  const session = await api.session(sessionId);
  expect(session).toMatchObject({ status: "stopped" });
  await pane.getByRole("button", { name: "Continue to edit" }).click();
  await expect(page.getByTestId("session-status")).toContainText("Ready", { timeout: 60_000 });
  await api.stop(sessionId);
});
