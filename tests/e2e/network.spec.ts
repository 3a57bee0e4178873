import { expect, expectAccessible, signIn, test } from "./fixtures.ts";

test("the network policy: a host is listed, and one that can't be is refused", async ({
  page,
  stack,
  api,
}) => {
  await signIn(page, stack, "/settings/network");
  const card = page.getByRole("form", { name: "Development" });
  const add = async (host: string) => {
    await card.getByLabel("Add a host").fill(host);
    await card.getByRole("button", { name: "Add", exact: true }).click();
  };
  await add("10.0.0.1");
  await expect(card.getByText(/IP addresses can't be listed/)).toBeVisible();
  await expectAccessible(page, "settings-network");
  await add("registry.example.com");
  await card.getByRole("checkbox", { name: /crates\.io/ }).check();
  await card.getByRole("button", { name: "Save" }).click();
  await expect(card.getByText("Saved")).toBeVisible();
  await page.reload();
  await expect(card.getByText("registry.example.com", { exact: true })).toBeVisible();
  const { body } = await api.call("GET", "/api/v1/network");
  expect(body).toMatchObject({
    network: {
      development: { presets: ["npm", "pypi", "crates", "github"], hosts: ["registry.example.com"] },
      production: { revision: 0 },
    },
  });
  await card.getByRole("button", { name: "Remove registry.example.com" }).click();
  await card.getByRole("button", { name: "Save" }).click();
  await expect(card.getByText("Saved")).toBeVisible();
});
