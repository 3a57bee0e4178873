import { expect, expectAccessible, expectFits, expectLooks, signIn, test } from "./fixtures.ts";

test("credits are bought, are there, and go back when the payment does", async ({ page, stack, api }) => {
  const balance = async () =>
    (await api.call<{ balance_micro_usd: number }>("GET", "/api/v1/credits")).body.balance_micro_usd;
  const before = await balance();
  await signIn(page, stack, "/settings/billing");
  const form = page.getByRole("form", { name: "Buy credits" });
  await form.getByLabel("Amount (US dollars)").fill("4.99");
  await form.getByRole("button", { name: "Continue to payment" }).click();
  await expect(form.getByText("Enter an amount from $5 to $5,000")).toBeVisible();
  await form.getByRole("button", { name: "$50", exact: true }).click();
  await expect(form.getByLabel("Amount (US dollars)")).toHaveValue("50");
  await expectLooks(page, "settings-billing-buy");
  await expectFits(page, "billing");
  await form.getByRole("button", { name: "Continue to payment" }).click();

  // The stand-in's page says what it is.
  await expect(page.getByText("No card is charged and no money moves.")).toBeVisible();
  await expectAccessible(page, "the stand-in's checkout");
  expect(await balance()).toBe(before);
  await page.getByRole("button", { name: "Pay $50.00" }).click();
  await expect(page).toHaveURL(/\/settings\/billing\?checkout=cs_/);
  await expect(page.getByText("$50.00 of credits added")).toBeVisible();
  expect(await balance()).toBe(before + 50_000_000);
  const purchases = page.getByRole("table", { name: "Purchases" });
  await expect(purchases.getByRole("row").nth(1)).toContainText("Paid");
  await expect(page.getByTestId("ledger-entry").first()).toContainText("Credits bought");

  await page.getByRole("button", { name: "Invoices and cards" }).click();
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await expect(page.getByText("$50.00 refunded")).toBeVisible();
  await page.getByRole("link", { name: "Back to Studio" }).click();
  await expect(page.getByTestId("ledger-entry").first()).toContainText("A payment was refunded");
  await expect(page.getByTestId("balance")).toBeVisible();
  expect(await balance()).toBe(before);
});
