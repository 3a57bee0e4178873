import type { Page } from "@playwright/test";
import { choose, expect, expectEveryLook, expectFits, expectLooks, signIn, test } from "./fixtures.ts";

/** What goes wrong in the page from now on, as it comes. */
function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${message.text()} ${message.location().url}`);
  });
  return faults;
}

test("every page holds in both themes at both sizes, without a fault that axe knows", async ({
  page,
  stack,
  api,
}) => {
  const faults = faultsOf(page);
  await page.goto(`${stack.url}/sign-in`);
  await expectEveryLook(page, "sign-in");
  await page.goto(`${stack.url}/sign-up`);
  await expectLooks(page, "sign-up");
  await page.setViewportSize({ width: 1440, height: 900 });
  await signIn(page, stack);
  await expectEveryLook(page, "start");
  await expectFits(page, "start");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("combobox", { name: /^Model/ }).press("ArrowDown");
  // Whose models they are is up to the keys that other tests have left.
  await expect(page.getByRole("option").first()).toBeVisible();
  await expectLooks(page, "start-models");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toHaveCount(0);

  const session = await api.createSession();
  await page.goto(`${stack.url}/studio/${session.id}`);
  await expectEveryLook(page, "session-ready");
  const runId = await api.send(
    session.id,
    "```demo\nsay # Plan\\n\\nI write **one** file.\nwrite src/app.ts <<EOF\nexport const answer = 42;\nEOF\nrun ls -la src\n```",
  );
  await expect(page.getByTestId("approval-card")).toBeVisible();
  await expectLooks(page, "session-approval");
  // The same request stands in the inbox, and is answered there.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${stack.url}/approvals`);
  const request = page.getByTestId("approval-card");
  await expect(request).toBeVisible();
  await expectEveryLook(page, "approvals");
  await expectFits(page, "approvals");
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(page.getByRole("link", { name: /Approvals/ })).toContainText("waiting for an answer");
  await request.getByRole("button", { name: "Allow once" }).click();
  await expect(request).toContainText("ls -la src");
  await api.finish(runId);
  await expect(page.getByTestId("inbox-empty")).toBeVisible();
  await page.goto(`${stack.url}/studio/${session.id}`);
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  await expectLooks(page, "session-idle");
  await page.goto(`${stack.url}/sessions/${session.id}/inspect`);
  const events = page.getByRole("listbox", { name: "Events" });
  await expect(events.getByRole("option", { name: /ls -la src/ }).first()).toBeVisible();
  await events.focus();
  await page.keyboard.press("Shift+G");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByTestId("event-detail")).toContainText('"payload"');
  expect(page.url()).toMatch(/#e\d+$/);
  await expectEveryLook(page, "inspector");
  await expectFits(page, "inspector");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("textbox", { name: "Find text in events" }).fill("src/app.ts");
  await expect(events.getByRole("option").first()).toContainText("src/app.ts");
  await page.goto(`${stack.url}/sessions`);
  await expect(page.getByRole("link", { name: /Plan/ }).first()).toBeVisible();
  await expectEveryLook(page, "sessions");
  await page.goto(`${stack.url}/runs`);
  const runs = page.getByRole("table", { name: "Runs, newest first" });
  await expect(runs.getByRole("button", { name: /^Run again: “.*”$/ }).first()).toBeVisible();
  await expectLooks(page, "runs");
  await runs
    .getByRole("button", { name: /^Details of “.*”$/ })
    .first()
    .click();
  const details = page.getByRole("dialog");
  await expect(details.getByText("write src/app.ts", { exact: false }).first()).toBeVisible();
  await expect(details.getByRole("listitem").filter({ hasText: "Allowed" }).first()).toBeVisible();
  await expectLooks(page, "run-details");
  await details.getByRole("button", { name: "Close" }).click();
  await choose(page.getByRole("combobox", { name: "Person" }), "Me");
  await expect(runs.getByRole("button", { name: /^Details of “.*”$/ }).first()).toBeVisible();
  await page.getByRole("group", { name: "Status" }).getByRole("button", { name: "Failed" }).click();
  await expect(page.getByText("No matching runs")).toBeVisible();
  const { organizationId, totalCostMicroUsd } = await api.session(session.id);
  await api.call("PATCH", `/api/studio/sessions/${session.id}`, { budgetCapMicroUsd: 20_000 });
  await stack.spend(organizationId, session.id, 19_900 - totalCostMicroUsd);
  await page.goto(`${stack.url}/studio/${session.id}`);
  await api.send(session.id, "list files");
  await expect(page.getByTestId("budget-card")).toBeVisible();
  await expectLooks(page, "session-budget");
  await api.stop(session.id);
  await page.goto(`${stack.url}/studio/${session.id}`);
  await expectLooks(page, "session-stopped");
  expect(faults).toEqual([]);
});

test("every page of the settings holds, large and light, and small and dark", async ({
  page,
  stack,
  api,
}) => {
  const faults = faultsOf(page);
  await signIn(page, stack, "/settings");
  await expect(page.getByRole("table", { name: "Model providers" })).toBeVisible();
  await expectLooks(page, "settings-providers");
  await page.getByRole("button", { name: "Add compatible endpoint" }).click();
  await page.getByRole("button", { name: "Verify and save" }).click();
  await expect(page.getByText("Enter a name for the endpoint.")).toBeVisible();
  await expectLooks(page, "settings-endpoint");
  await page.goto(`${stack.url}/settings/sessions`);
  const card = page.getByRole("form", { name: "New sessions" });
  await card.getByLabel("Concurrent sessions").fill("none");
  await card.getByRole("button", { name: "Save" }).click();
  await expect(card.getByText("Enter a whole number from 1 to 200.")).toBeVisible();
  await card.getByLabel("Concurrent sessions").fill("21");
  await choose(card.getByRole("combobox", { name: "Default model" }), "Demo model");
  await card.getByRole("button", { name: "Save" }).click();
  await expect(card.getByText("Saved")).toBeVisible();
  const missing = page.getByRole("group", { name: "When a skill needs a variable" });
  await missing.getByRole("radio", { name: "Go on without the skill" }).click();
  await expect(missing.getByRole("radio", { name: "Go on without the skill" })).toBeChecked();
  await page.getByRole("button", { name: "Expose keys to sandboxes" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Expose keys" }).click();
  await expect(page.getByTestId("raw-key-state")).toHaveText("On");
  await expectLooks(page, "settings-sessions");
  await page.getByRole("button", { name: "Don't expose keys" }).click();
  await expect(page.getByTestId("raw-key-state")).toHaveText("Off");
  await page.goto(`${stack.url}/settings/support`);
  await page.getByRole("button", { name: "Grant" }).click();
  await expect(page.getByText("Give a reason, such as a ticket.")).toBeVisible();
  await expectLooks(page, "settings-support");
  await page.goto(`${stack.url}/settings/network`);
  await expect(page.getByRole("form", { name: "Production" })).toBeVisible();
  await expectLooks(page, "settings-network");
  await page.goto(`${stack.url}/settings/git`);
  const git = page.getByRole("form", { name: "New connection" });
  await git.getByLabel("Name", { exact: true }).fill("house");
  await git.getByLabel("Server").fill("http://127.0.0.1:1");
  await git.getByLabel("Token or password").fill("a-token");
  await git.getByLabel("Repositories").fill("acme/shop");
  await git.getByRole("button", { name: "Test and add" }).click();
  await expect(page.getByText("Not tested")).toBeVisible();
  await expectLooks(page, "settings-git");
  await page.goto(`${stack.url}/settings/registries`);
  const registry = page.getByRole("form", { name: "New registry" });
  await registry.getByLabel("Name", { exact: true }).fill("house");
  await registry.getByLabel("URL").fill("http://127.0.0.1:1");
  await registry.getByLabel("Token or password").fill("a-token");
  await registry.getByLabel("Scopes").fill("@acme");
  await registry.getByRole("button", { name: "Test and add" }).click();
  await expect(page.getByText("Not tested")).toBeVisible();
  await expectLooks(page, "settings-registries");

  await page.goto(`${stack.url}/settings/agents`);
  const agent = page.getByRole("form", { name: "New agent" });
  await agent.getByRole("button", { name: "Add agent" }).click();
  await expect(agent.getByText("Enter a name.")).toBeVisible();
  await agent.getByLabel("Name", { exact: true }).fill("Reviewer");
  await agent.getByLabel("Instructions").fill("You review changes.");
  await choose(agent.getByRole("combobox", { name: "Tools" }), "Read only");
  await agent.getByRole("button", { name: "Add agent" }).click();
  await expect(page.getByRole("row", { name: /Reviewer/ })).toContainText("Read only");
  await expectLooks(page, "settings-agents");
  await page.getByRole("link", { name: "Reviewer" }).click();
  await expect(page.getByRole("list", { name: "Versions" })).toContainText("Version 1");
  await expectLooks(page, "settings-agent");
  await page.goto(`${stack.url}/settings/agents`);
  await page.getByRole("link", { name: "Support agent" }).click();
  await expect(page.getByText("needs the project's data").first()).toBeVisible();
  await expectLooks(page, "settings-project-agent");

  await page.goto(`${stack.url}/settings/mcp`);
  const mcp = page.getByRole("form", { name: "New MCP server" });
  await mcp.getByText("From another tool's configuration").click();
  await mcp
    .getByLabel("Configuration")
    .fill(
      '{"mcpServers":{"House Docs":{"type":"sse","url":"http://127.0.0.1:1/sse","headers":{"X-Key":"k"}}}}',
    );
  await mcp.getByRole("button", { name: "Fill the form" }).click();
  await expect(mcp.getByLabel("Name", { exact: true })).toHaveValue("house-docs");
  await mcp.getByRole("button", { name: "Add server" }).click();
  await expect(page.getByRole("cell", { name: "Not tested" })).toBeVisible();
  await expectLooks(page, "settings-mcp");
  await page.goto(`${stack.url}/settings/rules`);
  const rule = page.getByRole("form", { name: "New rule" });
  for (const name of ["Tests", "Git"]) {
    await rule.getByLabel("Name", { exact: true }).fill(name);
    await rule.getByLabel("Pattern").fill(`builtin:shell:${name === "Git" ? "git status" : "npm test"} *`);
    await rule.getByLabel("Try it on a command").fill("npm test && rm x");
    await expect(rule.getByTestId("rule-trial")).toHaveText(/^Ask: No rule covers/);
    await rule.getByRole("button", { name: "Add rule" }).click();
    await expect(page.getByRole("row", { name: new RegExp(name) })).toBeVisible();
  }
  await page.getByRole("button", { name: "Move Git up" }).click();
  await expect(page.getByRole("table", { name: "Rules" }).getByRole("row").nth(1)).toContainText("Git");
  await page.getByRole("switch", { name: "Use Git" }).click();
  await expect(page.getByRole("switch", { name: "Use Git" })).not.toBeChecked();
  await expectLooks(page, "settings-rules");

  await page.goto(`${stack.url}/settings/skills`);
  const skill = page.getByRole("form", { name: "New skill" });
  await skill.getByRole("button", { name: "Commit message" }).click();
  await skill.getByLabel("Name", { exact: true }).fill("Commit");
  await expect(skill.getByText(/^Use 2 to 64 of/)).toBeVisible();
  await skill.getByLabel("Name", { exact: true }).fill("commit");
  await skill.getByRole("button", { name: "Preview" }).click();
  await expect(skill.getByText("One change per commit.")).toBeVisible();
  await skill.getByRole("button", { name: "Add skill" }).click();
  const commit = page.getByRole("row", { name: /Commit message/ });
  await commit.getByRole("switch", { name: "Use commit" }).click();
  await expect(commit.getByRole("switch", { name: "Use commit" })).not.toBeChecked();
  await page.getByLabel("Repository", { exact: true }).fill("acme/shop");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("Couldn't import the skills")).toBeVisible();
  // Nothing listens there: the browser says so, too.
  expect(faults.splice(0)).toEqual([expect.stringContaining("/api/v1/skills/import")]);
  await expectLooks(page, "settings-skills");

  await page.goto(`${stack.url}/settings/variables`);
  const variable = page.getByRole("form", { name: "New variable" });
  await variable.getByLabel("Name").fill("DATABASE_URL");
  await variable.getByLabel("Value").fill("postgres://db.example/app");
  await variable.getByRole("button", { name: "Add variable" }).click();
  await expect(page.getByRole("row", { name: /DATABASE_URL/ })).toBeVisible();
  await expectLooks(page, "settings-variables");
  await page.goto(`${stack.url}/settings/setup`);
  const setup = page.getByRole("form", { name: "Development" });
  await setup.getByRole("button", { name: "Save" }).click();
  await expect(setup.getByText("Enter a script.")).toBeVisible();
  await setup.getByLabel("Script").fill("echo prepared");
  await setup.getByLabel("Lockfiles").fill("package-lock.json, yarn.lock");
  await setup.getByRole("button", { name: "Save" }).click();
  await expect(setup.getByTestId("setup-state")).toHaveText("Ready", { timeout: 60_000 });
  await setup.getByRole("button", { name: "Show output" }).click();
  await expect(setup.getByRole("group", { name: "Output of the last run" })).toHaveText("prepared");
  await expectLooks(page, "settings-setup");
  await setup.getByRole("button", { name: "Remove set-up" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove set-up" }).click();
  await expect(setup.getByTestId("setup-state")).toHaveCount(0);
  await page.goto(`${stack.url}/settings/api-keys`);
  await page.getByRole("form", { name: "New key" }).getByLabel("Name").fill("looked at");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByTestId("new-key")).toBeVisible();
  await expectLooks(page, "settings-api-keys");

  await api.finish(await api.send((await api.idleSession()).id, "list files"));
  await page.goto(`${stack.url}/settings/billing`);
  await expect(page.getByTestId("ledger-entry").first()).toBeVisible();
  await expectLooks(page, "settings-billing");
  await page.getByRole("button", { name: "Table" }).click();
  await expect(page.getByRole("region", { name: "Usage table" })).toBeVisible();
  await expectLooks(page, "settings-billing-table");
  await page.goto(`${stack.url}/settings/limits`);
  const limit = page.getByRole("form", { name: "Set a limit" });
  await limit.getByLabel("Dollars a month").fill("250");
  await limit.getByRole("button", { name: "Set limit" }).click();
  await expect(page.getByRole("row", { name: /Organization/ })).toContainText("$250.00");
  await expectLooks(page, "settings-limits");
  await page.getByRole("button", { name: /^Remove the limit of/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove limit" }).click();
  await expect(page.getByText("No limits yet")).toBeVisible();
  await page.goto(`${stack.url}/settings/notifications`);
  await expect(page.getByRole("group", { name: "Needs approval" })).toBeVisible();
  await expectLooks(page, "settings-notifications");
  await page.getByRole("button", { name: /^Notifications/ }).click();
  await expect(page.getByRole("dialog", { name: "Notifications" })).toBeVisible();
  await expectLooks(page, "notifications");
  expect(faults).toEqual([]);
});

test("every page of the project holds", async ({ page, stack }) => {
  const faults = faultsOf(page);
  await signIn(page, stack, "/project");
  await expect(page.getByRole("link", { name: "Support agent" })).toBeVisible();
  await expectEveryLook(page, "project-agents");
  await expectFits(page, "project-agents");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: "Support agent" }).click();
  await expect(page.getByRole("list", { name: "Versions" })).toContainText("Version 1");
  await expectLooks(page, "project-agent");
  await page.getByRole("button", { name: "Code" }).click();
  await expect(page.getByTestId("editor")).toContainText("defineAgent");
  await expectLooks(page, "project-code");

  await page.goto(`${stack.url}/project/development/entity-types/ticket`);
  await expect(page.getByRole("button", { name: "Remove field subject" })).toBeVisible();
  await expectLooks(page, "project-entity-type");
  await page.getByRole("button", { name: "JSON Schema" }).click();
  await expect(page.getByTestId("editor")).toContainText('"properties"');

  await page.goto(`${stack.url}/project/development/roles/agent`);
  const question = page.getByRole("region", { name: "What may this role do?" });
  await expect(question.getByRole("status")).toContainText("Yes, allowed by line 1");
  await page.getByRole("button", { name: /delete ticket: denied: no line allows it/ }).click();
  await expectLooks(page, "project-role");
  await page.getByRole("button", { name: "Save to development" }).click();
  await expect(page.getByRole("list", { name: "Versions" })).toContainText("Version 2");

  await page.goto(`${stack.url}/project/development/triggers/ticket-opened`);
  await expect(page.getByRole("region", { name: "Dry run" }).getByRole("status")).toContainText("It fires");
  await expectLooks(page, "project-trigger");
  await page.goto(`${stack.url}/project/development/files`);
  await expect(page.getByText("No files in development")).toBeVisible();
  await expectLooks(page, "project-files");

  await page.goto(`${stack.url}/project/development/environments`);
  const different = page.getByRole("list", { name: "Definitions that are different" });
  await expect(different).toContainText("role agent");
  await page.getByRole("button", { name: "Review 1 change" }).click();
  await expect(page.getByRole("list", { name: "Effects" })).toContainText(
    "Role agent can now delete ticket.",
  );
  await expectLooks(page, "project-environments");
  await page.goto(`${stack.url}/project/development/graph`);
  await expect(page.getByRole("link", { name: /ticket-opened/ })).toBeVisible();
  await expectLooks(page, "project-graph");
  await page.getByRole("button", { name: "List" }).click();
  await expect(page.getByRole("table", { name: "What refers to what in development" })).toBeVisible();
  await expectLooks(page, "project-references");

  await page.goto(`${stack.url}/project/development/history`);
  const changes = page.getByRole("list", { name: "Changes, the last one first" });
  await changes.getByText("What it changed").first().click();
  await expect(changes.getByText("policies[0].actions")).toBeVisible();
  await expectEveryLook(page, "project-history");
  await page.setViewportSize({ width: 1440, height: 900 });
  await changes
    .getByRole("button", { name: /^Take back change \d+$/ })
    .first()
    .click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Take it back" }).click();
  await expect(changes).toContainText(/took change \d+ back/);
  expect(faults).toEqual([]);
});

test("the pages of people and accounts hold", async ({ page, stack }) => {
  const faults = faultsOf(page);
  await signIn(page, stack, "/settings/members");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await expectLooks(page, "settings-invite");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByLabel("Email").fill("sam@studio.example");
  await page.getByRole("button", { name: "Create link" }).click();
  await expect(page.locator('[data-invited="sam@studio.example"]')).toBeVisible();
  await expectLooks(page, "settings-members");
  await page.goto(await page.getByTestId("new-invitation").locator("code").innerText());
  await expectLooks(page, "invitation");
  await page.goto(`${stack.url}/settings/models`);
  await page
    .getByText(/^Older models/)
    .first()
    .click();
  await expectLooks(page, "settings-models");
  await page.goto(`${stack.url}/settings/account`);
  await expectLooks(page, "settings-account");
  await page.goto(`${stack.url}/organizations/new`);
  await expectLooks(page, "organization-new");
  expect(faults).toEqual([]);
});
