import type { Browser, Page } from "@playwright/test";
import type { Stack } from "#tests/stack.ts";
import { choose, expect, expectAccessible, signIn, test } from "./fixtures.ts";

const PASSWORD = "a long enough password";

/** A browser of somebody else. */
async function anotherBrowser(browser: Browser): Promise<Page> {
  return await (await browser.newContext()).newPage();
}

/** The owner invites; answers the invitation's link. */
async function invite(page: Page, stack: Stack, email: string, role: string): Promise<string> {
  await page.goto(`${stack.url}/settings/members`);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const form = page.getByRole("form", { name: "Invite a member" });
  await expect(form.getByLabel("Email")).toBeFocused();
  await form.getByLabel("Email").fill(email);
  await choose(form.getByRole("combobox", { name: "Role" }), role);
  await expect(form).toContainText("We don't send email");
  await form.getByRole("button", { name: "Create link" }).click();
  const link = await page.getByTestId("new-invitation").locator("code").innerText();
  expect(link).toMatch(new RegExp(`^${stack.url}/invite/\\w+$`));
  return link;
}

/** Somebody new signs up through the link, and accepts. */
async function join(page: Page, link: string, name: string, email: string): Promise<void> {
  await page.goto(link);
  await page.getByRole("link", { name: "Create an account" }).click();
  await expect(page.getByLabel("Email")).toHaveValue(email);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(link);
  await page.getByRole("button", { name: "Accept and join" }).click();
  await expect(page).toHaveURL(/\/studio$/);
}

async function signUp(page: Page, stack: Stack, name: string, email: string): Promise<void> {
  await page.goto(`${stack.url}/sign-up`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/organizations\/new$/);
}

async function makeOrganization(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name").first().fill(name);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page).toHaveURL(/\/studio$/);
}

const composer = (page: Page) => page.getByRole("textbox", { name: "Message to the agent" });
/** What the API answers to the page's own cookie. */
const statusOf = async (page: Page, stack: Stack, path: string) =>
  (await page.request.get(`${stack.url}${path}`)).status();

test("invited as a viewer, raised to a member, removed: each counts at once", async ({
  page,
  stack,
  api,
  browser,
}) => {
  await signIn(page, stack);
  const email = `vera-${Date.now()}@studio.example`;
  const link = await invite(page, stack, email, "Viewer");
  const table = page.getByRole("table", { name: "Members" });
  await expect(table.locator(`[data-invited="${email}"]`)).toContainText(/Invited, [67] days left/);
  // The only owner is fixed, and may not leave.
  await expect(table.locator(`[data-person="${stack.credentials.email}"]`)).toContainText("only owner");
  await expect(page.getByRole("button", { name: "Leave" })).toHaveAttribute("aria-disabled", "true");
  await expectAccessible(page, "members with an invitation");

  const vera = await anotherBrowser(browser);
  await vera.goto(link);
  await expect(vera.getByRole("heading", { name: /^Join / })).toBeVisible();
  await expect(vera.getByText("as a viewer")).toBeVisible();
  await expectAccessible(vera, "invitation, signed out");
  await join(vera, link, "Vera Viewer", email);
  await expect(composer(vera)).toBeDisabled();
  await expect(
    vera.getByText("Viewers can only watch. Members and admins can start sessions."),
  ).toBeVisible();

  const session = await api.idleSession();
  await vera.goto(`${stack.url}/studio/${session.id}`);
  await expect(vera.getByTestId("stream-state")).toContainText("live");
  await expect(composer(vera)).toBeDisabled();
  await expect(vera.getByText("Viewers can only watch.").first()).toBeVisible();
  const runId = await api.send(session.id, "run `echo seen live`");
  await expect(vera.getByTestId("transcript")).toContainText("echo seen live");
  await api.finish(runId);
  await expect(vera.getByTestId("session-status")).toContainText("Idle");
  // A viewer sees who is there, and no more.
  await vera.goto(`${stack.url}/settings/members`);
  await expect(vera.getByRole("table", { name: "Members" }).getByRole("row")).toHaveCount(3);
  await expect(vera.getByRole("combobox")).toHaveCount(0);
  await expect(vera.getByRole("button", { name: /Invite|Remove|Rename|Delete/ })).toHaveCount(0);

  await page.reload();
  const row = table.locator(`[data-person="${email}"]`);
  await choose(row.getByRole("combobox", { name: "Role of Vera Viewer" }), "Member");
  await expect(row.getByRole("combobox")).toBeEnabled();
  await expect(row.getByRole("combobox")).toHaveText("Member");
  await vera.goto(`${stack.url}/studio`);
  await composer(vera).fill("say hello");
  await vera.getByRole("button", { name: "Start" }).click();
  await expect(vera).toHaveURL(/\/studio\/\w+$/);
  const own = vera.url().split("/").at(-1) ?? "";

  await row.getByRole("button", { name: "Remove Vera Viewer" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(row).toHaveCount(0);
  expect(await statusOf(vera, stack, `/api/studio/sessions/${own}`)).toBe(403);
  expect((await api.session(own)).status).toBe("stopped");
  await vera.goto(`${stack.url}/studio/${own}`);
  await expect(vera).toHaveURL(/\/organizations\/new$/);
  await expect(vera.getByText("Were you invited?")).toBeVisible();
  await vera.goto(link);
  await expect(vera.getByRole("heading", { name: "This invitation was accepted" })).toBeVisible();
  await vera.context().close();
});

test("a link that is not for one: unknown, taken back, somebody else's, declined", async ({
  page,
  stack,
  browser,
}) => {
  await signIn(page, stack);
  const email = `otto-${Date.now()}@studio.example`;
  const first = await invite(page, stack, email, "Admin");
  await page
    .locator(`[data-invited="${email}"]`)
    .getByRole("button", { name: /^Cancel/ })
    .click();
  await expect(page.locator(`[data-invited="${email}"]`)).toHaveCount(0);
  const second = await invite(page, stack, email, "Admin");

  await page.goto(`${stack.url}/invite/none-such`);
  await expect(page.getByRole("heading", { name: "Invitation not found" })).toBeVisible();
  await page.goto(first);
  await expect(page.getByText("was canceled")).toBeVisible();
  await page.goto(second);
  await expect(page.getByText(`You're signed in as ${stack.credentials.email}`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Accept and join" })).toHaveCount(0);
  await expectAccessible(page, "somebody else's invitation");

  const otto = await anotherBrowser(browser);
  await signUp(otto, stack, "Otto", email);
  await otto.goto(second);
  await otto.getByRole("button", { name: "Decline" }).click();
  await expect(otto.getByText("was declined")).toBeVisible();
  await otto.context().close();
});

test("several organizations: switch, rename, leave, delete; then the account", async ({
  page,
  stack,
  browser,
}) => {
  await signIn(page, stack);
  const email = `sam-${Date.now()}@studio.example`;
  const sam = await anotherBrowser(browser);
  await signUp(sam, stack, "Sam", email);
  await makeOrganization(sam, `Sam's ${Date.now()}`);
  // With no key and no session yet there are three ways to begin, and what the project suggests.
  const ways = sam.getByTestId("first-visit");
  for (const name of ["Add a key", "View credits"])
    await expect(ways.getByRole("link", { name })).toBeVisible();
  await expectAccessible(sam, "a first visit");
  await ways.getByRole("button", { name: "Write a demo message" }).click();
  await expect(composer(sam)).toHaveValue(/hello\.txt/);
  await expect(composer(sam)).toBeFocused();
  await sam.getByRole("button", { name: /Add a field to Ticket/ }).click();
  await expect(composer(sam)).toHaveValue(/entity-types\/ticket\.ts/);
  const link = await invite(page, stack, email, "Member");
  await sam.goto(link);
  await sam.getByRole("button", { name: "Accept and join" }).click();
  await expect(sam).toHaveURL(/\/studio$/);
  await expect(sam.getByRole("heading", { level: 1 })).not.toContainText("Sam's");

  await sam.getByRole("button", { name: "Sam, account" }).click();
  await expect(sam.getByRole("menuitemradio")).toHaveCount(2);
  await expectAccessible(sam, "account menu");
  await sam.getByRole("menuitemradio", { name: /Sam's/ }).click();
  await expect(sam.getByRole("heading", { level: 1 })).toContainText("Sam's");

  await sam.goto(`${stack.url}/settings/members`);
  await sam.getByLabel("Organization name").fill("Sam and friends");
  await sam.getByRole("button", { name: "Rename" }).click();
  await expect(sam.getByLabel("Type “Sam and friends” to confirm")).toBeVisible();

  // The only owner's account stays until the organization has somebody, or is gone.
  await sam.goto(`${stack.url}/settings/account`);
  await sam.getByLabel("Your password").fill("not the password");
  await sam.getByRole("button", { name: "Delete account" }).click();
  await expect(sam.getByText("That isn't your password.")).toBeVisible();
  await sam.getByLabel("Your password").fill(PASSWORD);
  await sam.getByRole("button", { name: "Delete account" }).click();
  await expect(sam.getByText(/You're the only owner of Sam and friends/)).toBeVisible();
  const [file] = await Promise.all([
    sam.waitForEvent("download"),
    sam.getByRole("link", { name: "Download your data" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("studio-account.json");
  const [rows] = await Promise.all([
    sam.waitForEvent("download"),
    sam.getByRole("link", { name: "Download organization data" }).click(),
  ]);
  expect(rows.suggestedFilename()).toMatch(/^studio-sam-s-\d+\.ndjson$/);

  const next = "another long password";
  await sam.getByLabel("Current password").fill(PASSWORD);
  await sam.getByLabel("New password").fill(next);
  await sam.getByRole("button", { name: "Change password" }).click();
  await expect(sam.getByText("Password changed")).toBeVisible();

  await sam.goto(`${stack.url}/settings/members`);
  await expect(sam.getByRole("button", { name: "Delete organization" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await sam.getByLabel("Type “Sam and friends” to confirm").fill("Sam and friends");
  await sam.getByRole("button", { name: "Delete organization" }).click();
  // On to the other organization, and out of that one too.
  await expect(sam).toHaveURL(/\/studio$/);
  await sam.getByRole("button", { name: "Sam, account" }).click();
  await expect(sam.getByRole("menuitemradio")).toHaveCount(1);
  await sam.goto(`${stack.url}/settings/members`);
  await sam.getByRole("button", { name: "Leave" }).click();
  await sam.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
  await expect(sam).toHaveURL(/\/organizations\/new$/);
  expect(await statusOf(sam, stack, "/api/studio/sessions")).toBe(403);

  await sam.getByRole("link", { name: "Your account" }).click();
  await expect(sam.getByText("You aren't in an organization")).toBeVisible();
  await sam.getByLabel("Your password").fill(next);
  await sam.getByRole("button", { name: "Delete account" }).click();
  await expect(sam).toHaveURL(/\/sign-in$/);
  expect(await statusOf(sam, stack, "/api/studio/sessions")).toBe(401);
  await sam.context().close();
});
