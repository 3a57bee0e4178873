import { formatFor } from "#client/format.ts";
import { Api, until } from "#tests/api.ts";
import { KeyedModels } from "#tests/keyed-models.ts";
import { ModelEndpoint } from "#tests/model-endpoint.ts";
import { Visitor } from "#tests/visitor.ts";
import { ask, choose, expect, expectAccessible, expectLooks, signIn, test } from "./fixtures.ts";

const { amount, dollars } = formatFor("en-US");

test("a compatible endpoint: added, active, broken, tested again, edited, removed", async ({
  page,
  stack,
}) => {
  const endpoint = await ModelEndpoint.start("a-key-of-the-test");
  try {
    await signIn(page, stack);
    await page.getByRole("link", { name: "Settings" }).click();
    await expect(page).toHaveURL(/\/settings\/providers$/);
    const table = page.getByRole("table", { name: "Model providers" });
    await expect(table.getByRole("row", { name: /xAI/ })).toContainText("No key");

    await page.getByRole("button", { name: "Add compatible endpoint" }).click();
    const form = page.getByRole("form", { name: "Add a compatible endpoint" });
    await expect(form.getByLabel("Name", { exact: true })).toBeFocused();
    await form.getByRole("button", { name: "Verify and save" }).click();
    await expect(form.getByText("Enter a name for the endpoint.")).toBeVisible();
    await expect(form.getByLabel("Name", { exact: true })).toBeFocused();
    await expect(form.getByText("Enter a URL that starts with https:// or http://.")).toBeVisible();

    await form.getByLabel("Name", { exact: true }).fill("House models");
    await form.getByLabel("Base URL").fill(endpoint.url);
    await form.getByLabel("Key", { exact: true }).fill("a-key-of-the-test");
    await form.getByLabel("Model 1", { exact: true }).fill("tiny");
    await form.getByRole("button", { name: "Add a model" }).click();
    await form.getByLabel("Model 2", { exact: true }).fill("small");
    await form.getByLabel("Context tokens").nth(1).fill("32k");
    await form.getByRole("button", { name: "Verify and save" }).press("Enter");
    await expect(page.getByText("The House models key works")).toBeVisible();
    const row = table.locator('[data-provider="compatible:house-models"]');
    await expect(row).toContainText("Active");
    await expect(row).toContainText("2 models: tiny, small");
    await expect(row).toContainText("You, at this endpoint");
    expect(await page.content()).not.toContain("a-key-of-the-test");
    await expect(page.getByRole("button", { name: "Add compatible endpoint" })).toBeFocused();

    endpoint.broken = 500;
    await row.getByRole("button", { name: "Test House models" }).click();
    await expect(page.getByText("House models key saved, not tested")).toBeVisible();
    await expect(row).toContainText("Not tested");
    endpoint.broken = 401;
    await row.getByRole("button", { name: "Test House models" }).click();
    await expect(row).toContainText("Rejected");
    await expect(row).toContainText("rejected the key (401)");
    endpoint.broken = undefined;
    await row.getByRole("button", { name: "Test House models" }).click();
    await expect(row).toContainText("Active");

    endpoint.key = "another-key-of-the-test";
    await row.getByRole("button", { name: "Edit House models" }).click();
    const edit = page.getByRole("form", { name: "Edit House models" });
    await expect(edit.getByLabel("Key", { exact: true })).toHaveValue("");
    await edit.getByLabel("Key", { exact: true }).fill("another-key-of-the-test");
    await edit.getByRole("button", { name: "Remove model 2" }).click();
    await edit.getByRole("button", { name: "Verify and save" }).click();
    await expect(row).toContainText("1 model: tiny");
    await expect(row).toContainText("Active");

    await row.getByRole("button", { name: "Remove House models" }).click();
    const dialog = page.getByRole("alertdialog");
    await expect(dialog).toContainText("Remove the House models key?");
    await page.keyboard.press("Escape");
    await expect(row).toBeVisible();
    await row.getByRole("button", { name: "Remove House models" }).click();
    await dialog.getByRole("button", { name: "Remove key" }).click();
    await expect(row).toHaveCount(0);
  } finally {
    await endpoint.stop();
  }
});

test("a provider's key is checked before it is sent, and what the server refuses stands at its field", async ({
  page,
  stack,
}) => {
  await signIn(page, stack, "/settings/providers");
  await page.getByRole("button", { name: "Add key for OpenAI" }).click();
  const form = page.getByRole("form", { name: "Add the OpenAI key" });
  const field = form.getByLabel("Key", { exact: true });
  await expect(field).toBeFocused();
  await field.fill("short");
  await field.press("Enter");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(form.getByText(/too short for a key/)).toBeVisible();
  await field.fill("a key with spaces in it");
  await field.press("Enter");
  await expect(form.getByText("must not contain spaces.")).toBeVisible();
  await form.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Add key for OpenAI" })).toBeFocused();
});

test("an API key: made, shown once, used, revoked, refused", async ({ page, stack }) => {
  await signIn(page, stack, "/settings/api-keys");
  const form = page.getByRole("form", { name: "New key" });
  await form.getByRole("checkbox", { name: /sessions:read/ }).uncheck();
  await form.getByRole("button", { name: "Create key" }).click();
  await expect(form.getByText("Enter what will use it.")).toBeVisible();
  await expect(form.getByText(/Select at least one scope/)).toBeVisible();
  await form.getByLabel("Name").fill("nightly job");
  await form.getByRole("checkbox", { name: /sessions:read/ }).check();
  await choose(form.getByRole("combobox", { name: "Expires" }), "in 30 days");
  await form.getByRole("button", { name: "Create key" }).click();

  const shown = page.getByTestId("new-key");
  await expect(shown).toContainText("Key “nightly job” created");
  const key = await shown.locator("code").innerText();
  expect(key).toMatch(/^sk_studio_\w{20,}$/);
  const api = Api.withKey(stack.url, key);
  expect((await api.call("GET", "/api/studio/sessions")).status).toBe(200);
  expect((await api.call("GET", "/api/v1/credits")).status).toBe(403);
  const row = page.getByRole("row", { name: /nightly job/ });
  await expect(row).toContainText("sessions:read");
  await expect(row).toContainText(key.slice(-4));
  await expect(row).toContainText("now");

  await shown.getByRole("button", { name: "Done" }).click();
  await page.reload();
  await expect(row).toBeVisible();
  expect(await page.content()).not.toContain(key);

  await row.getByRole("button", { name: "Revoke nightly job" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke key" }).click();
  await expect(row).toContainText("revoked");
  expect((await api.call("GET", "/api/studio/sessions")).status).toBe(401);
});

test("billing shows what a run cost, to the cent and beyond, as each reader writes it", async ({
  page,
  stack,
  api,
  browser,
}) => {
  await signIn(page, stack, "/settings/billing");
  const before = await api.call<{ balance_micro_usd: number }>("GET", "/api/v1/credits");
  await expect(page.getByTestId("balance")).toContainText(dollars(before.body.balance_micro_usd));
  const session = await api.createSession();
  // Long enough that its tokens cost more than a cent.
  const run = await api.finish(
    await api.send(session.id, `list files ${"and think about it ".repeat(5_000)}`),
  );
  expect(run.status).toBe("completed");
  const { totalCreditsConsumed } = await api.session(session.id);
  expect(totalCreditsConsumed).toBeGreaterThan(0);

  const ledger = await api.call<{ entries: { session_id: string | null; delta_micro_usd: number }[] }>(
    "GET",
    "/api/v1/credits/ledger?limit=100",
  );
  const charges = ledger.body.entries.filter((entry) => entry.session_id === session.id);
  expect(-charges.reduce((sum, entry) => sum + entry.delta_micro_usd, 0)).toBe(totalCreditsConsumed);
  const rows = page.getByTestId("ledger-entry").filter({ has: page.locator(`a[href$="${session.id}"]`) });
  await expect(rows).toHaveCount(charges.length);
  await expect(rows.first()).toContainText("Call to Demo model");
  await expect(rows.first()).toContainText(amount(charges[0]?.delta_micro_usd ?? 0));
  const credits = await api.call<{ balance_micro_usd: number }>("GET", "/api/v1/credits");
  await expect(page.getByTestId("balance")).toContainText(dollars(credits.body.balance_micro_usd));
  expect(credits.body.balance_micro_usd).toBe(before.body.balance_micro_usd - totalCreditsConsumed);

  const usage = await api.call<{ usage: { cost_micro_usd: number }[] }>("GET", "/api/v1/usage?days=7");
  const spent = usage.body.usage.reduce((sum, group) => sum + group.cost_micro_usd, 0);
  await page.getByRole("button", { name: "7 days" }).click();
  await expect(page.getByRole("figure")).toContainText(`${dollars(spent)} in total`);
  await page.getByRole("button", { name: "Table" }).click();
  const table = page.getByRole("region", { name: "Usage table" });
  await expect(table.getByRole("row", { name: /Demo model/ })).toContainText("Credits");
  // A German browser's page is written by the server as the browser goes on to write it.
  const german = await browser.newContext({
    locale: "de-DE",
    storageState: await page.context().storageState(),
  });
  const reader = await german.newPage();
  const faults: string[] = [];
  reader.on("pageerror", (error) => faults.push(error.message));
  reader.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await reader.goto(`${stack.url}/settings/billing`);
  await expect(reader.getByTestId("balance")).toContainText(
    formatFor("de-DE").dollars(credits.body.balance_micro_usd),
  );
  await expect(reader.getByRole("figure").locator("svg").first()).toBeVisible();
  expect(faults).toEqual([]);
  await german.close();
  await api.stop(session.id);
});

test("a session's cap: typed, checked, reached, raised, and the run goes on", async ({
  page,
  stack,
  api,
}) => {
  await signIn(page, stack);
  const cap = page.getByLabel("Spending cap in dollars, empty for none");
  await cap.fill("nothing much");
  await ask(page, "```demo\nrun echo first\nsay all said\n```");
  await expect(page.getByText("Enter an amount in dollars, such as 2.50.")).toBeVisible();
  await expect(page).toHaveURL(/\/studio$/);
  await cap.fill("0.01");
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page).toHaveURL(/\/studio\/\w+$/);
  const sessionId = page.url().split("/").at(-1) ?? "";
  await expect(page.getByTestId("usage")).toContainText("of $0.01");
  await expect(page.getByRole("meter", { name: "Cost against the cap" })).toBeVisible();
  await expect(page.getByTestId("approval-card")).toContainText("echo first", { timeout: 60_000 });

  // Nearly all of the cap is spent: the next call is one too many.
  const { organizationId, totalCostMicroUsd } = await api.session(sessionId);
  await stack.spend(organizationId, sessionId, 9_990 - totalCostMicroUsd);
  await page.getByRole("button", { name: /Allow once/ }).click();
  const card = page.getByTestId("budget-card");
  await expect(card).toContainText("Spending cap reached");
  await expect(page.getByTestId("session-status")).toContainText("Waiting for you");
  await expect(page.getByRole("meter", { name: "Cost against the cap" }).first()).toHaveAttribute(
    "aria-valuenow",
    /^99\d\d$/,
  );
  const field = card.getByLabel("New cap in dollars");
  await field.fill("0.01");
  await card.getByRole("button", { name: "Raise cap" }).click();
  await expect(card.getByText("The new cap must be higher than $0.01.")).toBeVisible();
  await field.fill("1.50");
  await field.press("Enter");
  await expect(card).toHaveCount(0);
  await expect(page.getByTestId("usage")).toContainText("of $1.50");
  await expect(page.getByTestId("transcript")).toContainText("all said", { timeout: 60_000 });
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  expect((await api.session(sessionId)).budgetCapMicroUsd).toBe(1_500_000);
  await api.stop(sessionId);
});

test("a key that is refused in a run: the run waits, says so, and goes on with a mended key", async ({
  page,
  stack,
  api,
}) => {
  const models = await KeyedModels.start(() => stack.env("web").DEMO_MODEL_URL ?? "", ["the-first-key"]);
  const put = async (key: string) =>
    await api.call("PUT", "/api/v1/provider-keys/compatible:keyed", {
      api_key: key,
      name: "Keyed",
      base_url: models.url,
      models: [{ id: "keyed-model" }],
    });
  try {
    await put("the-first-key");
    const { body } = await api.call<{ session: { id: string } }>("POST", "/api/studio/sessions?wait=true", {
      environment: "development",
      provider: "compatible:keyed",
      model: "keyed-model",
    });
    await signIn(page, stack);
    await page.goto(`${stack.url}/studio/${body.session.id}`);
    models.accepted.clear();
    await ask(page, "list files");
    const card = page.getByTestId("payer-card");
    await expect(card).toContainText("The provider rejected the key, so the run is waiting", {
      timeout: 30_000,
    });
    await expect(card).toContainText("Keyed rejected the key (401).");
    await expect(card).toContainText("was rejected: replace it in Settings");
    await expect(page.getByTestId("session-status")).toContainText("Waiting for you");
    await expectAccessible(page, "a refused key");
    models.accepted.add("the-second-key");
    await put("the-second-key");
    await expect(card).toHaveCount(0, { timeout: 30_000 });
    await expect(page.getByTestId("session-status")).toContainText("Idle", { timeout: 30_000 });
    await expect(page.getByTestId("transcript")).toContainText("Done: I listed the files");
    await api.stop(body.session.id);
  } finally {
    await api.call("DELETE", "/api/v1/provider-keys/compatible:keyed");
    await models.stop();
  }
});

test("without credits: the run says where they come from, and a new session is refused with the way out", async ({
  page,
  stack,
}) => {
  const { visitor, api } = await Visitor.withOrganization(stack.url, "Out of credits");
  const session = await api.createSession();
  const credits = await api.call<{ available_micro_usd: number }>("GET", "/api/v1/credits");
  await stack.spend(session.organizationId, session.id, credits.body.available_micro_usd);
  await page.context().addCookies(visitor.cookies());
  await page.goto(`${stack.url}/studio/${session.id}`);
  await ask(page, "list files");
  const transcript = page.getByTestId("transcript");
  await expect(transcript.getByText("The run failed")).toBeVisible();
  await expect(transcript.getByText(/out of platform credits/)).toBeVisible();
  await transcript.getByRole("link", { name: "Open Billing" }).click();
  await expect(page.getByTestId("balance")).toContainText("No credits left");

  await page.goto(`${stack.url}/studio`);
  await page.getByRole("textbox", { name: "Message to the agent" }).fill("list files");
  await page.getByRole("button", { name: "Start" }).click();
  const notice = page.getByRole("alert").filter({ hasText: "Couldn't start the session" });
  await expect(notice).toContainText("There are no platform credits left.");
  await notice.getByRole("link", { name: "Open Providers" }).click();
  await expect(page).toHaveURL(/\/settings\/providers$/);
  await api.stop(session.id);
});

test("a message that waits can be taken back, and a command that is stopped does not look done", async ({
  page,
  stack,
  api,
}) => {
  const session = await api.idleSession();
  await signIn(page, stack, `/studio/${session.id}`);
  const before = (await api.events(session.id)).at(-1)?.seq ?? 0;
  const first = await api.send(session.id, "```demo\nrun sleep 120\n```");
  const question = await api.question(first);
  await ask(page, "and then say something that nobody should hear");
  const transcript = page.getByTestId("transcript");
  await expect(transcript.getByText("queued", { exact: true })).toBeVisible();
  await transcript.getByRole("button", { name: "Remove from queue" }).click();
  await expect(transcript.getByText("The message was removed from the queue")).toBeVisible();
  await expect(transcript.getByText("queued", { exact: true })).toHaveCount(0);

  await api.decide(first, question.approval_key, "approved");
  await expect(transcript.getByRole("button", { name: /Running: run sleep 120/ })).toBeVisible();
  await page.screenshot({ path: "test-results/pages/session-working.png" });
  // Without asking, from where a message is written.
  await page.getByRole("textbox", { name: "Message to the agent" }).press("Escape");
  await expect(transcript.getByText("The run was stopped")).toBeVisible();
  await expect(transcript.getByRole("button", { name: /Stopped: run sleep 120/ })).toBeVisible();
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  const cancelled = (await api.events(session.id)).filter(({ type }) => type === "run.cancelled");
  expect(cancelled.filter(({ seq }) => seq > before)).toHaveLength(2);

  // A request without a body stops the run at work, as before.
  const second = await api.send(session.id, "```demo\nrun sleep 120\n```");
  await api.question(second);
  expect((await api.call("POST", `/api/studio/sessions/${session.id}/cancel`)).status).toBe(202);
  await until("the second run's end", async () => (await api.run(second)).status === "cancelled");
});

test("viewers and members see what is theirs to see, and why they change nothing", async ({
  browser,
  stack,
}) => {
  const owner = await Visitor.signIn(stack.url, stack.credentials);
  for (const role of ["viewer", "member"]) {
    const email = `${role}-${Date.now()}@studio.example`;
    const invitation = await owner.call<{ id: string }>("POST", "/api/auth/organization/invite-member", {
      email,
      role,
    });
    const visitor = await Visitor.signUp(stack.url, email);
    await visitor.call("POST", "/api/auth/organization/accept-invitation", {
      invitationId: invitation.body.id,
    });
    const context = await browser.newContext();
    await context.addCookies(visitor.cookies());
    const page = await context.newPage();

    await page.goto(`${stack.url}/settings/providers`);
    await expect(page.getByText(`you're a ${role}.`)).toBeVisible();
    const add = page.getByRole("button", { name: "Add key for xAI" });
    await expect(add).toHaveAttribute("aria-disabled", "true");
    await expect(add).toHaveAttribute("title", /Only admins can add, replace, and remove keys/);
    await add.click({ force: true });
    await expect(page.getByRole("form")).toHaveCount(0);

    await page.goto(`${stack.url}/settings/network`);
    await expect(page.getByText(`you're a ${role}.`)).toBeVisible();
    await expect(page.getByRole("radio", { name: /^Open/ }).first()).toBeDisabled();

    expect((await page.goto(`${stack.url}/settings/api-keys`))?.status()).toBe(403);
    await expect(page.getByRole("heading", { name: "Only admins can manage API keys" })).toBeVisible();
    await expect(page.getByText(`you're a ${role}.`)).toBeVisible();
    await expect(page.getByRole("button", { name: "Create key" })).toHaveCount(0);
    if (role === "viewer") await expectLooks(page, "forbidden");
    await page.getByRole("link", { name: "See who can change this" }).press("Enter");
    await expect(page.getByRole("table", { name: "Members" })).toBeVisible();

    const billing = await page.goto(`${stack.url}/settings/billing`);
    expect(billing?.status()).toBe(role === "viewer" ? 403 : 200);
    if (role === "viewer") await expect(page.getByText("Viewers can't see billing")).toBeVisible();
    else {
      await expect(page.getByTestId("balance")).toBeVisible();
      await expect(page.getByText("Only admins can see the ledger")).toBeVisible();
      await expect(page.getByTestId("ledger-entry")).toHaveCount(0);
    }
    await context.close();
  }
});
