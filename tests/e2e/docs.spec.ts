import { expect, expectEveryLook, expectFits, expectLooks, test } from "./fixtures.ts";

test("the API reference can be read without signing in, and by keyboard", async ({ page, stack }) => {
  const faults: string[] = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(`${stack.url}/docs/api`);
  await expect(page.getByRole("heading", { name: "API reference", level: 1 })).toBeVisible();
  await expectEveryLook(page, "docs-api");

  const row = page.locator("summary").filter({ hasText: /Start a session(?!')/ });
  await row.focus();
  await page.keyboard.press("Enter");
  const operation = page.locator("#createSession");
  await expect(operation.getByText("An API key with the scope")).toBeVisible();
  await operation.getByRole("link", { name: "Session", exact: true }).press("Enter");
  await expect(page.locator("#schema-Session")).toBeVisible();
  await expectLooks(page, "docs-api-open");
  await expectFits(page, "docs-api-open");

  const document = await page.request.get(`${stack.url}/api/openapi.json`);
  expect(document.status()).toBe(200);
  expect(await document.json()).toMatchObject({ openapi: "3.1.1", servers: [{ url: stack.url }] });
  expect(faults).toEqual([]);
});
