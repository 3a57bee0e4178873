import { ask, expect, expectLooks, openSession, test } from "./fixtures.ts";

// What other tests of the same organization leave alone.
const CHANGE = [
  "sed -i 's/Answer briefly/Answer in full/' agents/support-agent.ts",
  `sed -i 's/"create", "read", "list"/"create", "read", "list", "update"/' roles/agent.ts`,
].join(" && ");

test("an agent changes the project: what that means is seen, part of it is pushed, pulled elsewhere, and taken back", async ({
  page,
  stack,
  api,
}) => {
  await openSession(page, stack, api);
  await ask(page, `\`\`\`demo\nrun ${CHANGE}\nsay both are changed\n\`\`\``);
  const card = page.getByTestId("approval-card");
  await card.getByRole("button", { name: /Allow once/ }).click({ timeout: 60_000 });

  // Both changes are there after the turn, with what they mean.
  await page.getByRole("button", { name: "2 changes to push" }).click({ timeout: 60_000 });
  const changes = page.getByRole("region", { name: "Changes to push" });
  await expect(changes).toContainText("systemPrompt");
  await expect(changes).toContainText("Role agent can now update ticket.");
  await expectLooks(page, "session-project");
  await page.setViewportSize({ width: 1440, height: 900 });

  // Part of them is pushed.
  await changes.getByRole("checkbox", { name: "Choose role agent" }).uncheck();
  await page.getByRole("button", { name: "Push 1 to development" }).click();
  const push = page.getByRole("dialog", { name: "Push 1 change to development?" });
  await expect(push).toContainText("0 new, 1 changed, 0 deleted");
  await expect(push).not.toContainText("can now update");
  await push.getByRole("button", { name: "Push to development" }).click();
  await expect(changes).toContainText(/Pushed to development as revision \d+/);
  await expect(page.getByRole("button", { name: "1 change to push" })).toBeVisible();

  // A second session begins with it, and with nothing else.
  const second = await api.createSession();
  const shell = await api.call<{ stdout: string }>("POST", `/api/v1/sessions/${second.id}/tools/shell`, {
    command: "cat agents/support-agent.ts roles/agent.ts",
  });
  expect(shell.body.stdout).toContain("Answer in full");
  expect(shell.body.stdout).not.toContain('"update"');

  // It is in the history, with where it came from, and goes back with a press.
  await changes.getByRole("button", { name: "Take back" }).click();
  await expect(page.getByRole("button", { name: "2 changes to push" })).toBeVisible();
  await page.goto(`${stack.url}/project/development/history`);
  const history = page.getByRole("list", { name: "Changes, the last one first" });
  await expect(history.getByRole("listitem").first()).toContainText(/took change \d+ back/);
  await expect(history.getByRole("listitem").nth(1)).toContainText(/1 updated.*taken back by/);
  await page.goto(`${stack.url}/project/development/agents/support-agent`);
  await expect(page.getByLabel("Instructions")).toHaveValue(/Answer briefly/);
});
