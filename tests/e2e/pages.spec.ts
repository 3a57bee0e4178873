import type { Page } from "@playwright/test";
import { api as functions } from "../../convex/_generated/api.js";
import { serviceOf } from "../support/service.ts";
import { expect, expectAccessible, signIn, test } from "./fixtures.ts";

const SIZES = [
  { name: "1440", width: 1440, height: 900 },
  { name: "390", width: 390, height: 844 },
];

/** Each page at both sizes and in both themes: looked at by axe, and kept as a picture. */
async function everyLook(page: Page, name: string, folder: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: `${folder}/${name}-${theme}-${size.name}.png` });
      await expectAccessible(page, `${name} ${theme} ${size.name}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${name} at ${size.name} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
}

test("every page holds in both themes at both sizes, without a fault that axe knows", async ({
  page,
  stack,
  api,
}) => {
  const folder = "test-results/pages";
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(`${stack.url}/sign-in`);
  await everyLook(page, "sign-in", folder);
  await page.goto(`${stack.url}/sign-up`);
  await everyLook(page, "sign-up", folder);
  await page.setViewportSize({ width: 1440, height: 900 });
  await signIn(page, stack);
  await everyLook(page, "start", folder);

  await page.goto(`${stack.url}/settings`);
  await expect(page.getByRole("table", { name: "Model providers" })).toBeVisible();
  await everyLook(page, "settings-providers", folder);
  await page.getByRole("button", { name: "Add compatible endpoint" }).click();
  await page.getByRole("button", { name: "Verify and save" }).click();
  await expect(page.getByText("Give the endpoint a name.")).toBeVisible();
  await everyLook(page, "settings-endpoint", folder);
  await page.goto(`${stack.url}/settings/api-keys`);
  await page.getByRole("form", { name: "New key" }).getByLabel("Name").fill("looked at");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByTestId("new-key")).toBeVisible();
  await everyLook(page, "settings-api-keys", folder);
  await page.goto(`${stack.url}/settings/members`);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByLabel("Email").fill("sam@studio.example");
  await page.getByRole("button", { name: "Make the link" }).click();
  await expect(page.locator('[data-invited="sam@studio.example"]')).toBeVisible();
  await everyLook(page, "settings-members", folder);
  const invitation = await page.getByTestId("new-invitation").locator("code").innerText();
  await page.goto(invitation);
  await everyLook(page, "invitation-foreign", folder);
  await page.goto(`${stack.url}/settings/account`);
  await everyLook(page, "settings-account", folder);
  await page.goto(`${stack.url}/organizations/new`);
  await everyLook(page, "new-organization", folder);
  await page.setViewportSize({ width: 1440, height: 900 });

  const session = await api.createSession();
  await page.goto(`${stack.url}/studio/${session.id}`);
  await everyLook(page, "session-ready", folder);
  const runId = await api.send(
    session.id,
    "```demo\nsay # Plan\\n\\nI write **one** file.\nwrite src/app.ts <<EOF\nexport const answer = 42;\nEOF\nrun ls -la src\n```",
  );
  await expect(page.getByTestId("approval-card")).toBeVisible();
  await everyLook(page, "session-approval", folder);
  await api.finish(runId);
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  await everyLook(page, "session-idle", folder);
  await page.goto(`${stack.url}/sessions`);
  await expect(page.getByRole("link", { name: /Plan/ }).first()).toBeVisible();
  await everyLook(page, "sessions", folder);
  await page.goto(`${stack.url}/settings/billing`);
  await expect(page.getByTestId("ledger-entry").first()).toBeVisible();
  await everyLook(page, "settings-billing", folder);
  await page.getByRole("button", { name: "Table" }).click();
  await expect(page.getByRole("region", { name: "Usage as a table" })).toBeVisible();
  await everyLook(page, "settings-billing-table", folder);

  await api.call("PATCH", `/api/studio/sessions/${session.id}`, { budgetCapMicroUsd: 20_000 });
  await page.goto(`${stack.url}/studio/${session.id}`);
  const waiting = await api.send(session.id, "run `echo more`");
  await api.question(waiting);
  const service = await serviceOf(stack);
  await service.mutation(functions.usage.reserve, {
    sessionId: session.id as never,
    requestId: crypto.randomUUID(),
    inputMicroUsd: 50_000,
    outputMicroUsdPerMillion: 1,
    maxOutputTokens: 4_096,
  });
  await expect(page.getByTestId("budget-card")).toBeVisible();
  await everyLook(page, "session-budget", folder);
  await api.stop(session.id);
  await page.goto(`${stack.url}/studio/${session.id}`);
  await everyLook(page, "session-stopped", folder);
  expect(faults).toEqual([]);
});
