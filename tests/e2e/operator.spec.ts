import { execFileSync } from "node:child_process";
import path from "node:path";
import type { Stack } from "#tests/stack.ts";
import { Visitor } from "#tests/visitor.ts";
import { choose, expect, expectAccessible, expectFits, signIn, test } from "./fixtures.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** What the machine's owner does: the person who signs in here may open the console. */
const markOperator = (stack: Stack) =>
  execFileSync(
    process.execPath,
    ["lib/cli/operate.ts", "operator", "add", stack.credentials.email, "--data", stack.data],
    { cwd: root, env: { NODE_ENV: "test", PATH: process.env.PATH ?? "" } },
  );

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
  markOperator(stack);
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

test("an operator reads a session while its organization consents, and not before or after", async ({
  stack,
  browser,
  page,
}) => {
  test.slow();
  const theirs = await Visitor.withOrganization(stack.url, "In need of help");
  const session = await theirs.api.createSession();
  const context = await browser.newContext();
  try {
    await signIn(page, stack);
    markOperator(stack);
    const organization = `${stack.url}/operator/organizations/${session.organizationId}`;
    const log = `/api/operator/organizations/${session.organizationId}/support/sessions/${session.id}/events`;
    await page.goto(organization);
    await expect(page.getByText(/Ask one of its admins to grant it/)).toBeVisible();
    expect((await page.request.get(`${stack.url}${log}`)).status()).toBe(403);
    await page.goto(`${organization}/sessions`);
    await expect(page.getByText(/hasn't let the operator read its sessions/)).toBeVisible();

    await context.addCookies(theirs.visitor.cookies());
    const seen = await context.newPage();
    await seen.goto(`${stack.url}/settings/support`);
    await choose(seen.getByRole("combobox", { name: "For" }), "1 hour");
    await seen.getByLabel("Reason or ticket").fill("Ticket 4711");
    await seen.getByRole("button", { name: "Grant" }).click();
    await expect(seen.getByRole("heading", { name: "The operator can read your sessions" })).toBeVisible();
    await expect(seen.getByTestId("support-banner")).toContainText("Ticket 4711");
    await expectAccessible(seen, "a support access that holds");

    await page.goto(organization);
    await page.getByRole("link", { name: "Read its sessions" }).click();
    const sessions = page.getByRole("table", { name: "Sessions of the organization" });
    await expectAccessible(page, "sessions that an operator reads");
    await sessions.getByRole("link", { name: session.title }).click();
    const events = page.getByRole("table", { name: "Events of the session" });
    await expect(events).toContainText("provision.step");
    await expectFits(page, "operator-log");
    await expectAccessible(page, "a log that an operator reads");

    await seen.goto(`${stack.url}/settings/audit`);
    await expect(seen.getByRole("table").first()).toContainText("Looked at a session");
    await seen.goto(`${stack.url}/settings/support`);
    await seen.getByRole("button", { name: "End now" }).click();
    await seen.getByRole("alertdialog").getByRole("button", { name: "End it" }).click();
    await expect(seen.getByTestId("support-banner")).toHaveCount(0);
    await page.reload();
    await expect(page.getByText(/hasn't let the operator read its sessions/)).toBeVisible();
    expect((await page.request.get(`${stack.url}${log}`)).status()).toBe(403);
  } finally {
    await context.close();
    await theirs.api.stop(session.id);
  }
});
