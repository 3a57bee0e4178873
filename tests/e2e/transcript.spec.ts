import { ask, expect, expectAccessible, signIn, test } from "./fixtures.ts";

test("a long change opens whole; a long transcript draws its end first, finds words in all of it, and leads to one event", async ({
  page,
  stack,
  api,
}) => {
  test.slow();
  const session = await api.createSession();
  const lines = Array.from({ length: 1_200 }, (_, n) => `line ${n} of a long file`).join("\n");
  await api.finish(await api.send(session.id, `\`\`\`demo\nwrite long.txt <<EOF\n${lines}\nEOF\n\`\`\``));
  await signIn(page, stack, `/studio/${session.id}`);
  const transcript = page.getByTestId("transcript");
  await expect(transcript.getByText("Only the beginning is shown.").first()).toBeVisible();
  // A press that comes before the page's code does is lost.
  await expect(async () => {
    await transcript
      .getByRole("button", { name: /Show full change/ })
      .first()
      .click({ timeout: 2_000 });
    await expect(transcript.getByRole("button", { name: "Show all 1200 lines" }).first()).toBeVisible();
  }).toPass({ timeout: 60_000 });
  await expectAccessible(page, "a long change");

  const needle = "a-needle-in-the-first-turns";
  await stack.longSession(session.id, { turns: 36, mark: needle });
  await page.reload();
  const entries = transcript.locator("li[data-entry]");
  await expect(transcript).toContainText("turn 36 is done");
  const drawn = await entries.count();
  expect(drawn).toBeLessThanOrEqual(101);
  await expect(transcript).not.toContainText(needle);

  // Up by keyboard: more is drawn, and what is read stays where it is.
  await page.getByRole("region", { name: "Conversation so far" }).focus();
  await page.keyboard.press("Home");
  await expect.poll(async () => await entries.count()).toBeGreaterThan(drawn);
  await page.keyboard.press("End");
  await expect.poll(async () => await entries.count()).toBeLessThanOrEqual(101);

  // PAGE-5: a message sent from far up is seen.
  await page.getByRole("region", { name: "Conversation so far" }).focus();
  await page.keyboard.press("Home");
  await ask(page, "```demo\nsay UNIQUEMARK begins here\nstream 60\n```");
  await expect(transcript.getByText("UNIQUEMARK").last()).toBeInViewport();
  // PAGE-4: a message that is queued meanwhile leaves the agent's text in one piece.
  await ask(page, "say hi");
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  await expect(transcript.getByText("UNIQUEMARK begins here")).toHaveCount(2);

  await page.keyboard.press("Control+Shift+F");
  const find = page.getByRole("searchbox", { name: "Find in the transcript" });
  await expect(find).toBeFocused();
  await find.fill(needle);
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 of 1")).toBeVisible();
  const place = transcript.locator("[data-found]");
  await expect(place).toContainText(needle);
  await expect(place.locator("> div")).toBeInViewport();
  await expectAccessible(page, "find in the transcript");
  // From there by keys to the next one, and back.
  await page.getByRole("region", { name: "Conversation so far" }).focus();
  await page.keyboard.press("j");
  await expect(place).not.toContainText(needle);
  await page.keyboard.press("k");
  await expect(place).toContainText(needle);
  const address = await place.locator("time a").getAttribute("href");
  await find.press("Escape");
  await expect(find).toHaveCount(0);

  await page.goto("about:blank");
  await page.goto(`${stack.url}/studio/${session.id}${address}`);
  await expect(transcript.locator("[data-found]")).toContainText(needle);
  await expect(transcript.locator("[data-found] > div")).toBeInViewport();
  await api.stop(session.id);
});

test("a session whose sandbox could not be made says why, and begins again with one click", async ({
  page,
  stack,
}) => {
  await signIn(page, stack);
  await stack.kill("sandboxes");
  await ask(page, "list files");
  const status = page.getByTestId("session-status");
  await expect(status).toContainText("Error", { timeout: 60_000 });
  const failed = page.url();
  await expect(page.getByText("Session failed").first()).toBeVisible();
  await expectAccessible(page, "a session that failed");
  await stack.restart("sandboxes");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page).not.toHaveURL(failed);
  await expect(status).toContainText("Idle", { timeout: 120_000 });
  await expect(page.getByTestId("transcript")).toContainText("list files");
});
