import type { Page } from "@playwright/test";
import { commitOf, GIT_PASSWORD, GIT_USER, GitServer } from "#tests/git-server.ts";
import { REGISTRY_TOKEN, TokenRegistry } from "#tests/token-registry.ts";
import { wayToRegistry } from "#tests/registry.ts";
import { until } from "#tests/api.ts";
import { choose, expect, expectAccessible, expectLooks, signIn, test } from "./fixtures.ts";

const rows = (page: Page) => page.getByTestId("terminal").locator(".xterm-rows");
const type = async (page: Page, command: string) => {
  await page.getByTestId("terminal").click();
  await page.keyboard.type(command);
  await page.keyboard.press("Enter");
};
const WANTED = { "is-number": "7.0.0", "@acme/thing": "1.0.0" };
const SCRIPT = { start: "node server.js", test: "node test.js" };
const FILES = {
  "package.json": JSON.stringify({ name: "app", scripts: SCRIPT, dependencies: WANTED }),
  "package-lock.json": JSON.stringify({
    name: "app",
    lockfileVersion: 3,
    packages: {
      "": { name: "app", dependencies: WANTED },
      // Of the organization's own registry, which asks for a token.
      "node_modules/@acme/thing": { version: "1.0.0" },
      "node_modules/is-number": {
        version: "7.0.0",
        integrity:
          "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==",
      },
    },
  }),
  ".gitignore": "node_modules/\n",
  "test.js":
    "console.log(require('is-number')(6 * 7) && require('@acme/thing') === '@acme/thing' ? 'tests-' + 'passed' : 'tests-failed');\n",
  "server.js": "require('node:http').createServer((_, r) => r.end('served')).listen(8123);\n",
};

test("a sandbox one can work in: set up from the registry, tests, a refused host, a server, a second session", async ({
  page,
  stack,
  api,
}) => {
  const way = await wayToRegistry();
  test.skip(typeof way === "string", typeof way === "string" ? way : "");
  test.slow();
  const [server, registry] = await Promise.all([GitServer.start(), TokenRegistry.start()]);
  try {
    server.make("acme/app", commitOf(FILES));
    // Other pages' tests may have left one with the same scope.
    await api.call("DELETE", "/api/v1/registries/house");
    const own = { url: `${registry.url}/npm`, token: REGISTRY_TOKEN, scopes: ["@acme"] };
    expect((await api.call("PUT", "/api/v1/registries/own", own)).status).toBe(200);
    await api.call("PUT", "/api/v1/git/connections/packages", {
      kind: "git",
      base_url: server.url,
      username: GIT_USER,
      token: GIT_PASSWORD,
      repositories: ["acme/app"],
    });
    await signIn(page, stack, "/settings/setup");
    const named = page.getByRole("form", { name: "Set up a repository" });
    await choose(named.getByRole("combobox", { name: "Connection" }), "packages");
    await named.getByLabel("Repository").fill("acme/app");
    await named.getByRole("button", { name: "Write its script" }).click();
    const card = page.getByRole("form", { name: "packages/acme/app (development)" });
    await card.getByLabel("Script").fill("npm ci --no-audit --no-fund");
    await card.getByLabel("Lockfiles").fill("package-lock.json");
    await card.getByRole("button", { name: "Save" }).click();
    await expect(card.getByTestId("setup-state")).toHaveText("Ready", { timeout: 120_000 });
    await card.getByRole("button", { name: "Show output" }).click();
    await expect(card.getByRole("group", { name: "Output of the last run" })).toContainText(
      "added 2 packages",
    );
    await expectLooks(page, "settings-setup-repository");
    await page.setViewportSize({ width: 1440, height: 900 });

    const begin = async () =>
      (
        await api.call<{ session: { id: string } }>("POST", "/api/studio/sessions?wait=true", {
          provider: "demo",
          model: "demo",
          repository: { connection: "packages", url: "acme/app" },
        })
      ).body.session.id;
    const first = await begin();
    await page.goto(`${stack.url}/studio/${first}`);
    await page.keyboard.press("Alt+Digit3");
    await page.getByRole("button", { name: "New terminal" }).click();
    await expect(page.getByTestId("terminal")).toHaveAttribute("data-state", "live");
    await type(page, "cd app && npm test");
    await expect(rows(page)).toContainText("tests-passed", { timeout: 30_000 });

    // What the policy refuses is told, and an admin allows it there.
    await type(page, "curl -sS -m 20 https://packages.example.com/; echo asked-$((40+2))");
    await expect(rows(page)).toContainText("asked-42", { timeout: 30_000 });
    const allow = page.getByRole("button", { name: "Allow packages.example.com for this organization" });
    await expectAccessible(page, "a refused host");
    await allow.click();
    await expect(page.getByText("It's allowed now.")).toBeVisible();

    // A server goes on beside the shell, and is ended from the page.
    await type(page, "npm start > /dev/null 2>&1 & sleep 3; curl -s http://127.0.0.1:8123; echo");
    await expect(rows(page)).toContainText("served", { timeout: 30_000 });
    await page.getByRole("tab", { name: "Sandbox" }).click();
    const running = page.getByRole("table", { name: "Background processes" });
    const line = running.getByRole("row", { name: /8123/ });
    await expect(line).toBeVisible({ timeout: 20_000 });
    await line.getByRole("button", { name: /^End process/ }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "End process" }).click();
    await expect(line).toHaveCount(0, { timeout: 20_000 });

    // Another session begins with the same snapshot, and with nothing of what was done in the first.
    const second = await begin();
    for (const id of [first, second]) {
      const log = await api.events(id);
      const setup = log.findLast(({ payload }) => payload["step"] === "setup");
      expect(setup?.payload).toMatchObject({ detail: expect.stringContaining("From the snapshot of") });
      await api.stop(id);
    }
    await card.page().goto(`${stack.url}/settings/setup`);
    await card.getByRole("button", { name: "Remove set-up" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove set-up" }).click();
    await expect(card).toHaveCount(0);
    await api.call("DELETE", "/api/v1/registries/own");
  } finally {
    await Promise.all([server.stop(), registry.stop()]);
  }
});

test("where there is no room a session waits with its place, and begins once there is", async ({
  page,
  stack,
  api,
}) => {
  const settings = stack.env("web");
  const roomFor = async (sandboxes: string) => {
    settings["STUDIO_MAX_SANDBOXES"] = sandboxes;
    await stack.kill("web");
    await stack.restart("web");
  };
  const before = settings["STUDIO_MAX_SANDBOXES"] ?? "";
  await api.idleSession();
  await roomFor("1");
  try {
    const waiting = await api.createSession(false);
    await until("it waits", async () => (await api.session(waiting.id)).waitingFor === "capacity");
    await signIn(page, stack, `/studio/${waiting.id}`);
    await expect(page.getByText(/place 1 in the queue/)).toBeVisible();
    await expectLooks(page, "session-waits-for-room");
    await roomFor(before);
    await expect(page.getByTestId("session-status")).toContainText(/Ready|Idle/, { timeout: 60_000 });
    await api.stop(waiting.id);
  } finally {
    if (settings["STUDIO_MAX_SANDBOXES"] !== before) await roomFor(before);
  }
});
