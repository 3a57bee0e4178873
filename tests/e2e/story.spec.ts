import { descendantsWith } from "#tests/processes.ts";
import { Visitor } from "#tests/visitor.ts";
import { ask, expect, expectAccessible, signIn, test } from "./fixtures.ts";

const MESSAGE = "create a file hello.txt containing hi there\nand run `cat hello.txt`";

test("the story: sign in, ask, approve, watched by two, reload, stop; and nobody else finds it", async ({
  page,
  stack,
  api,
  browser,
}) => {
  test.slow();
  const agents = () => descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp");
  const others = agents();
  await signIn(page, stack);
  await expect(page.getByText(/not an AI/)).toBeVisible();
  await page.getByRole("textbox", { name: "Message to the agent" }).fill(MESSAGE);
  await page.getByRole("button", { name: "Start" }).click();

  await expect(page).toHaveURL(/\/studio\/\w+$/);
  const sessionId = page.url().split("/").at(-1) ?? "";
  await expect(page.getByText("Start the sandbox").first()).toBeVisible();

  const card = page.getByTestId("approval-card");
  await expect(card).toContainText("hello.txt", { timeout: 60_000 });
  await expect(card).toContainText("hi there");
  await expect(page.getByTestId("session-status")).toContainText("Waiting for you");
  await card.getByRole("button", { name: /Allow once/ }).click();

  // What one of two people decides the other sees.
  const other = await browser.newPage();
  await signIn(other, stack, `/studio/${sessionId}`);
  for (const each of [page, other])
    await expect(each.getByTestId("approval-card")).toContainText("cat hello.txt", { timeout: 30_000 });
  await other.getByRole("button", { name: /Allow once/ }).click();

  const transcript = page.getByTestId("transcript");
  await expect(transcript).toContainText("Done: I wrote hello.txt");
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  for (const each of [page, other]) await expect(each.getByTestId("approval-card")).toHaveCount(0);
  await expect(other.getByTestId("transcript")).toContainText("Done: I wrote hello.txt");
  await other.close();
  // The diff of the file, and the command's output.
  await expect(transcript.getByText("hi there").first()).toBeVisible();
  await expect(
    transcript.getByRole("group", { name: /^Output of/ }).filter({ hasText: "hi there" }),
  ).toBeVisible();

  const session = await api.session(sessionId);
  expect(session.totalInputTokens).toBeGreaterThan(100);
  await expect(page.getByTestId("usage")).toContainText(/in\s*[\d.]+k/);
  const usage = await page.getByTestId("usage").innerText();
  expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/hello.txt")).toBe("hi there\n");

  // Once the turn is saved, it says so.
  await expect(transcript.getByText("Saved", { exact: true }).last()).toBeVisible({ timeout: 60_000 });
  const before = await transcript.innerText();
  await page.reload();
  await expect(transcript).toContainText("Done: I wrote hello.txt");
  expect(withoutTimes(await transcript.innerText())).toBe(withoutTimes(before));
  expect(await page.getByTestId("usage").innerText()).toBe(usage);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: stack.url });
  await transcript.getByRole("button", { name: "Copy" }).last().click();
  expect(await page.evaluate(async () => await navigator.clipboard.readText())).toContain(
    "I wrote hello.txt",
  );

  await page.getByRole("button", { name: /^More actions/ }).click();
  await page.getByRole("menuitem", { name: "End session" }).click();
  await expect(page.getByRole("alertdialog")).toContainText("Its work is saved first");
  await expectAccessible(page, "ending a session");
  await page.getByRole("alertdialog").getByRole("button", { name: "End session" }).click();
  await expect(page.getByTestId("session-status")).toContainText("Stopped");
  await expect.poll(agents).toEqual(others);
  expect((await api.session(sessionId)).status).toBe("stopped");

  // It goes on where it was, in another sandbox.
  await expect(page.getByText("Saved. Continue where you left off")).toBeVisible();
  await expectAccessible(page, "an ended session");
  const watching = await page.context().newPage();
  await watching.goto(`${stack.url}/studio/${sessionId}`);
  await expect(watching.getByText("Saved. Continue where you left off")).toBeVisible();
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.getByTestId("session-status")).toContainText("Ready", { timeout: 60_000 });
  await expect(watching.getByTestId("session-status")).toContainText("Ready");
  await watching.close();
  await expect(page.getByTestId("saved")).toContainText("ago, verified");
  await api.stop(sessionId);

  await page.goto(`${stack.url}/sessions`);
  await expect(page.getByRole("link", { name: /create a file hello.txt/ })).toBeVisible();

  // Signed out one is asked to sign in; another organization is told that there is no such page.
  await page.context().clearCookies();
  await page.goto(`${stack.url}/studio/${sessionId}`);
  await expect(page).toHaveURL(/\/sign-in/);
  const { visitor } = await Visitor.withOrganization(stack.url, "Eve's");
  await page.context().addCookies(visitor.cookies());
  const answer = await page.goto(`${stack.url}/studio/${sessionId}`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "There's nothing here" })).toBeVisible();
  await expect(page.getByText("hello.txt")).toHaveCount(0);
  await expectAccessible(page, "404");
});

/** Relative times move on by themselves. */
function withoutTimes(text: string): string {
  return text.replaceAll(/\d+ (s|min) ago/g, "a while ago");
}

test("by keyboard alone, on a phone in the dark: send, deny, allow, and go on", async ({ page, stack }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await signIn(page, stack);
  await ask(page, "```demo\nwrite no.txt <<EOF\nno\nEOF\nrun echo yes-it-ran\nsay all said\n```");
  const card = page.getByTestId("approval-card");
  await expect(card).toContainText("no.txt", { timeout: 60_000 });
  await card.focus();
  // A card takes an answer once it was in sight for a moment.
  const takesAnswers = async () =>
    await expect(card.getByRole("button", { name: /Allow once/ })).toHaveAttribute("aria-disabled", "false");
  await takesAnswers();
  await page.keyboard.press("d");
  await expect(card).toContainText("echo yes-it-ran");
  // The next card has the focus by itself.
  await expect(card).toBeFocused();
  await takesAnswers();
  await page.keyboard.press("a");
  const transcript = page.getByTestId("transcript");
  await expect(transcript).toContainText("all said");
  await expect(transcript).toContainText("yes-it-ran");
  await expect(transcript).toContainText("You denied Write no.txt");

  await ask(page, "list files");
  await expect(page.getByTestId("session-status")).toContainText("Idle");
});
