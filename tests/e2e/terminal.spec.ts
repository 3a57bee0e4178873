import type { Page } from "@playwright/test";
import { expect, expectAccessible, openSession, test } from "./fixtures.ts";

const terminal = (page: Page) => page.getByTestId("terminal");
/** What the terminal shows; its rows are drawn one by one. */
const rows = (page: Page) => terminal(page).locator(".xterm-rows");

test("a real shell in the sandbox: typed into, resized, there again after a reload, at most four", async ({
  page,
  stack,
  api,
}) => {
  const session = await openSession(page, stack, api);
  await page.keyboard.press("Alt+Digit3");
  const open = page.getByRole("button", { name: "New terminal" });
  await open.click();
  await expect(terminal(page)).toHaveAttribute("data-state", "live");
  await page.keyboard.type("echo $((6*7)) in $PWD; test -t 0 && echo a-tty; stty size");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toContainText("42 in /workspace");
  await expect(rows(page)).toContainText("a-tty");
  await page.keyboard.type("printf 'kept%s\\n' -here > kept.txt; cat kept.txt");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toContainText("kept-here");
  await expectAccessible(page, "a terminal");
  await page.screenshot({ path: "test-results/pages/workspace-terminal.png" });

  // Escape is the shell's; with Shift it leaves the terminal.
  await page.keyboard.press("Escape");
  await expect(page.getByRole("alertdialog")).toHaveCount(0);
  await page.keyboard.press("Shift+Escape");
  await expect(page.getByRole("tab", { name: "Terminal", selected: true })).toBeFocused();

  await page.reload();
  await expect(terminal(page)).toHaveAttribute("data-state", "live");
  await expect(rows(page)).toContainText("kept-here");

  // Another server takes over: the shell has not noticed, and what is typed reaches it.
  await stack.kill("web");
  await expect(page.getByText("The terminal is disconnected.")).toBeVisible();
  await stack.restart("web");
  await expect(terminal(page)).toHaveAttribute("data-state", "live", { timeout: 30_000 });
  await terminal(page).click();
  await page.keyboard.press("Control+C");
  await page.keyboard.type("echo still-$((40+2))");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toContainText("still-42");

  for (let count = 2; count <= 4; count += 1) {
    await open.click();
    await expect(page.getByRole("button", { name: `Terminal ${count}`, exact: true })).toBeVisible();
  }
  await open.click();
  await expect(page.getByText("A session can have at most 4 terminals.")).toBeVisible();
  await page.getByRole("button", { name: "Close terminal 4" }).click();
  await expect(page.getByRole("button", { name: "Terminal 4", exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: "Terminal 1", exact: true }).click();
  await expect(terminal(page)).toHaveAttribute("data-state", "live");
  await terminal(page).click();
  await page.keyboard.type("exit");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The shell has ended.")).toBeVisible();
  await api.stop(session.id);
  await expect(page.getByText("The session has ended. The changes stay under Diff.")).toBeVisible();
});
