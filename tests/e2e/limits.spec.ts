import { CATALOG } from "#domain/catalog.ts";
import { Visitor } from "#tests/visitor.ts";
import { ask, expect, expectAccessible, expectFits, test } from "./fixtures.ts";

test("an organization runs to its monthly limit, raises it on the card, and goes on", async ({
  stack,
  browser,
}) => {
  test.slow();
  const { visitor, api } = await Visitor.withOrganization(stack.url, "Thrifty");
  const session = await api.createSession();
  await stack.spend(session.organizationId, session.id, 9_900);
  const context = await browser.newContext();
  await context.addCookies(visitor.cookies());
  const page = await context.newPage();
  await page.goto(`${stack.url}/settings/limits`);
  const form = page.getByRole("form", { name: "Set a limit" });
  await form.getByLabel("Dollars a month").fill("nothing");
  await form.getByRole("button", { name: "Set limit" }).click();
  await expect(form.getByLabel("Dollars a month")).toHaveAttribute("aria-invalid", "true");
  await form.getByLabel("Dollars a month").fill("0.01");
  await form.getByRole("button", { name: "Set limit" }).click();
  const limits = page.getByRole("table", { name: "Monthly limits" });
  await expect(limits.getByRole("row").nth(1)).toContainText("$0.01");
  await expectFits(page, "limits");

  await page.goto(`${stack.url}/studio/${session.id}`);
  await ask(page, "```demo\nread CLAUDE.md\nsay all is read\n```");
  const card = page.getByTestId("limit-card");
  await expect(card).toContainText("The organization's monthly limit is reached", { timeout: 60_000 });
  await expect(page.getByTestId("session-status")).toContainText("Waiting for you");
  await expectAccessible(page, "a monthly limit's card");
  await card.getByLabel("New monthly limit in dollars").fill("0.01");
  await card.getByRole("button", { name: "Raise limit" }).click();
  await expect(card).toContainText("must be higher than");
  await card.getByLabel("New monthly limit in dollars").fill("5");
  await card.getByRole("button", { name: "Raise limit" }).click();
  await expect(page.getByTestId("transcript")).toContainText("all is read", { timeout: 60_000 });
  await expect(card).toHaveCount(0);
  await api.stop(session.id);
  await context.close();
});

test("a newcomer without a key sees every model, its price, and what it needs", async ({
  stack,
  browser,
}) => {
  const { visitor } = await Visitor.withOrganization(stack.url, "Newcomers");
  const context = await browser.newContext();
  await context.addCookies(visitor.cookies());
  const page = await context.newPage();
  await page.goto(`${stack.url}/settings/models`);
  const older = page.locator("summary").filter({ hasText: /^Older models/ });
  await expect(older.first()).toBeVisible();
  for (const one of await older.all()) await one.click();
  const rows = page.locator("tbody tr");
  const known = CATALOG.flatMap(({ id, models }) => (id === "demo" ? [] : models.map(({ name }) => name)));
  expect(known.length).toBeGreaterThanOrEqual(16);
  for (const name of known) await expect(rows.filter({ hasText: name }).first()).toBeVisible();
  // What each needs stands in its last column.
  for (const words of await rows.locator("td:last-child").allInnerTexts()) expect(words).toMatch(/\w/);
  await context.close();
});
