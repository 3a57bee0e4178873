import { execFileSync } from "node:child_process";
import path from "node:path";
import { Visitor } from "#tests/visitor.ts";
import { expect, expectAccessible, expectFits, signIn, test } from "./fixtures.ts";

const root = path.resolve(import.meta.dirname, "../..");

test("an operator freezes an organization, whose people read why, and lets it go on", async ({
  stack,
  browser,
  page,
}) => {
  test.slow();
  const theirs = await Visitor.withOrganization(stack.url, "Overdue");
  const session = await theirs.api.createSession();
  // Whose address is in the settings is no operator before the machine's owner says so.
  await signIn(page, stack);
  expect((await page.request.get(`${stack.url}/operator`)).status()).toBe(404);
  execFileSync(
    process.execPath,
    ["lib/cli/operate.ts", "operator", "add", stack.credentials.email, "--data", stack.data],
    { cwd: root, env: { NODE_ENV: "test", PATH: process.env.PATH ?? "" } },
  );
  await page.goto(`${stack.url}/operator`);
  await expect(page.getByRole("table", { name: "Services" })).toContainText("database");
  await expectFits(page, "operator");
  await expectAccessible(page, "the operator's overview");

  await page.goto(`${stack.url}/operator/organizations/${session.organizationId}`);
  await expect(page.getByRole("heading", { name: "Overdue" })).toBeVisible();
  await page.getByLabel("Reason", { exact: true }).fill("An invoice is overdue.");
  await page.getByRole("button", { name: "Freeze organization" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Freeze", exact: true }).click();
  await expect(page.getByText("This organization is frozen")).toBeVisible();
  await expectAccessible(page, "a frozen organization");

  const context = await browser.newContext();
  await context.addCookies(theirs.visitor.cookies());
  const seen = await context.newPage();
  await seen.goto(`${stack.url}/studio/${session.id}`);
  await expect(seen.getByTestId("frozen-banner")).toContainText("An invoice is overdue.");
  await expect(seen.getByTestId("session-status")).toContainText(/ended|stopped/i, { timeout: 60_000 });
  const refused = await theirs.api.call<{ kind: string }>(
    "POST",
    `/api/studio/sessions/${session.id}/message`,
    { message: "hi" },
  );
  expect(refused).toMatchObject({ status: 403, body: { kind: "organization_frozen" } });
  expect((await seen.request.get(`${stack.url}/operator`)).status()).toBe(404);

  await page.getByLabel("Reason", { exact: true }).fill("It was paid.");
  await page.getByRole("button", { name: "Let it go on" }).click();
  await expect(page.getByText("This organization is frozen")).toHaveCount(0);
  await expect(seen.getByTestId("frozen-banner")).toHaveCount(0);
  await page.goto(`${stack.url}/operator/audit`);
  const rows = page.getByRole("table", { name: "What operators have done" }).getByRole("row");
  await expect(rows.nth(1)).toContainText("It was paid.");
  await expect(rows.nth(2)).toContainText("An invoice is overdue.");
  await context.close();
});
