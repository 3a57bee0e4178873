import type { Page } from "@playwright/test";
import { choose, expect, expectAccessible, expectFits, expectLooks, signIn, test } from "./fixtures.ts";

const table = (page: Page) => page.getByRole("table", { name: /Sessions/ });
const rowOf = (page: Page, title: string) => table(page).getByRole("row").filter({ hasText: title });

test("search or run, shortcuts and the offline banner, by keyboard alone", async ({ page, stack, api }) => {
  await signIn(page, stack);
  const session = await api.createSession();
  const name = `Palette ${Date.now()}`;
  await api.call("PATCH", `/api/studio/sessions/${session.id}`, { title: name });

  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search or run" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await expect(palette.getByRole("option", { name: new RegExp(name) })).toBeVisible();
  await expectLooks(page, "palette");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/studio/${session.id}$`));
  await expect(page.getByTestId("transcript")).toBeVisible();

  // Commands alone: what this page can do.
  await page.keyboard.press("Control+k");
  await page.keyboard.type(">changed");
  await expect(palette.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "No changes yet" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("dark theme");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("system theme");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Theme: System" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "Theme: Dark" }).click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.getByRole("button", { name: "Theme: Light" }).click();
  await page.getByRole("menuitemradio", { name: "System" }).click();
  // A new session of the words.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("refund the refunds");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("textbox", { name: "Message to the agent" })).toHaveValue("refund the refunds");

  await page.goto(`${stack.url}/sessions`);
  await expect(table(page)).toBeVisible();
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(sheet).toBeVisible();
  await expectLooks(page, "shortcuts");
  await page.setViewportSize({ width: 1440, height: 900 });
  // Single keys can be off (WCAG 2.1.4).
  await sheet.getByRole("checkbox").click();
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  await page.keyboard.press("c");
  await page.keyboard.press("?");
  await expect(sheet).toHaveCount(0);
  await expect(page).toHaveURL(/\/sessions$/);
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await sheet.getByRole("checkbox").click();
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);

  await page.context().setOffline(true);
  await expect(page.getByText("You're offline.")).toBeVisible();
  await expectAccessible(page, "offline");
  await page.context().setOffline(false);
  await expect(page.getByText("You're offline.")).toHaveCount(0);
  await page.keyboard.press("c");
  await expect(page).toHaveURL(/\/studio$/);
  await api.stop(session.id);
});

test("the sessions list is filtered, searched, renamed and archived", async ({ page, stack, api }) => {
  await signIn(page, stack);
  const mark = `List ${Date.now()}`;
  const titled = async (title: string) => {
    const session = await api.createSession(false);
    await api.call("PATCH", `/api/studio/sessions/${session.id}`, { title: `${mark} ${title}` });
    return session.id;
  };
  const first = await titled("first");
  const second = await titled("second");
  await api.stop(first);
  await page.goto(`${stack.url}/sessions`);
  await expect(rowOf(page, `${mark} second`)).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type(mark.toLowerCase());
  await expect(table(page).getByRole("row")).toHaveCount(3);
  await page.getByRole("button", { name: "Stopped" }).click();
  await expect(table(page).getByRole("row")).toHaveCount(2);
  await expect(rowOf(page, `${mark} first`)).toBeVisible();
  await page.getByRole("button", { name: "Mine" }).click();
  await expect(rowOf(page, `${mark} first`)).toBeVisible();
  await choose(page.getByRole("combobox", { name: "Environment" }), "production");
  await expect(page.getByTestId("no-match")).toBeVisible();
  await expectLooks(page, "sessions-none");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Show all" }).click();

  await page.getByRole("button", { name: `More actions for ${mark} first` }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename session" });
  await expect(dialog.getByLabel("Title")).toBeFocused();
  await page.keyboard.type(`${mark} renamed`);
  await page.keyboard.press("Enter");
  await expect(rowOf(page, `${mark} renamed`)).toBeVisible();
  await page.getByRole("button", { name: `More actions for ${mark} renamed` }).click();
  await expectAccessible(page, "a session's menu");
  await page.getByRole("menuitem", { name: "Archive" }).click();
  await expect(rowOf(page, `${mark} renamed`)).toHaveCount(0);
  await expect(page.getByText(`Archived “${mark} renamed”`)).toBeVisible();
  // A toast goes by itself: its way back is used at once, and the page is looked at with the next one.
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText(`Restored “${mark} renamed”`)).toBeVisible();
  await page.screenshot({ path: "test-results/pages/sessions-toast.png" });
  await expectAccessible(page, "a toast");
  await expect(rowOf(page, `${mark} renamed`)).toBeVisible();

  await expectFits(page, "the sessions");

  // The API has the same filters, and keeps a session that lives out of the archive.
  const found = await api.call<{ sessions: { id: string }[] }>(
    "GET",
    `/api/studio/sessions?limit=100&text=${encodeURIComponent(mark)}&group=stopped`,
  );
  expect(found.body.sessions.map(({ id }) => id)).toEqual([first]);
  const refused = await api.call("PATCH", `/api/studio/sessions/${second}`, { archived: true });
  expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  await api.stop(second);
});
