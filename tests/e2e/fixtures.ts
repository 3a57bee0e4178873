import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import type { Session } from "#domain/session.ts";
import { Api } from "#tests/api.ts";
import { hostFlags, wayToRegistry } from "#tests/registry.ts";
import { Stack } from "#tests/stack.ts";

export { expect } from "@playwright/test";

/** All of Studio, started once, and its API for looking behind the page, with one idle session for all that need one. */
export const test = base.extend<object, { stack: Stack; api: Api }>({
  stack: [
    // Playwright finds a fixture's needs in the pattern of its first argument.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const way = await wayToRegistry();
      // What an operator of this machine would give to `npm start`, so that sandboxes get to the npm registry.
      const flags = typeof way === "string" ? [] : hostFlags(way);
      const stack = await Stack.start(
        async (all) =>
          all.map((service) => {
            if (service.name === "sandboxes") return { ...service, args: [...service.args, ...flags] };
            // The first owner's address: an operator's only once the machine's owner marks the account.
            return service.name === "web"
              ? { ...service, env: { ...service.env, STUDIO_OPERATORS: "owner@studio.example" } }
              : service;
          }),
        { stripe: true },
      );
      await use(stack);
      await stack.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  api: [
    async ({ stack }, use) => await use(Api.withKey(stack.url, stack.credentials.apiKey)),
    { scope: "worker" },
  ],
});

type Cookies = Awaited<ReturnType<ReturnType<Page["context"]>["cookies"]>>;
const signedIn = new Map<string, Cookies>();

/**
 * Signs the owner in, and opens a page: through the form once, and by what the browser was given then ever after.
 */
export async function signIn(page: Page, stack: Stack, path = "/studio"): Promise<void> {
  const known = signedIn.get(stack.url);
  if (known) {
    await page.context().addCookies(known);
    await page.goto(`${stack.url}${path}`);
    await expect(page).not.toHaveURL(/\/sign-in/);
    return;
  }
  await page.goto(`${stack.url}/sign-in`);
  await page.getByLabel("Email").fill(stack.credentials.email);
  await page.getByLabel("Password").fill(stack.credentials.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/studio$/);
  signedIn.set(stack.url, await page.context().cookies());
  if (path !== "/studio") await page.goto(`${stack.url}${path}`);
}

/** What can differ between two themes: all else is the same page. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** Opens the page of a session that this makes, signed in. */
export async function openSession(page: Page, stack: Stack, api: Api): Promise<Session> {
  const session = await api.createSession();
  await signIn(page, stack, `/studio/${session.id}`);
  await expect(page.getByTestId("transcript")).toBeVisible();
  return session;
}

/** No violation that axe knows, on the page as it is now. @param rules those alone */
export async function expectAccessible(page: Page, what: string, rules?: string[]): Promise<void> {
  // Base UI's guards stand at the ends of an open layer, and pass the focus on: nobody stays in one.
  // In its legacy mode axe stays in the page: else it opens another one each time, and takes twice as long or more. What
  // that leaves out are frames of other sites, as previews of apps, which are not Studio's.
  // Of what holds it says only that it does: to describe each element of it takes as long as to look.
  const axe = new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"] })
    .exclude("[data-base-ui-focus-guard]");
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  expect(
    violations.map((v) => `${what}: ${v.id} at ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`),
  ).toEqual([]);
}

/** Opens a list by its button and chooses from it. */
export async function choose(list: Locator, option: string): Promise<void> {
  await list.click();
  await list.page().getByRole("option", { name: option, exact: true }).click();
  await expect(list).toHaveText(option);
}

/** Types a message and sends it by keyboard. */
export async function ask(page: Page, message: string): Promise<void> {
  const composer = page.getByRole("textbox", { name: "Message to the agent" });
  await composer.fill(message);
  // A key that comes before the page's code does is lost; what is typed is not.
  await expect(page.getByRole("button", { name: /^(Start|Send|Queue)/ })).toHaveAttribute(
    "aria-disabled",
    "false",
  );
  await composer.press("Control+Enter");
}

const SIZES = [
  { name: "1440", width: 1440, height: 900 },
  { name: "390", width: 390, height: 844 },
];

const FOLDER = "test-results/pages";

/** Nothing of the page is wider than the window, from a phone to a large screen, and at twice the size. */
export async function expectFits(page: Page, what: string): Promise<void> {
  for (const width of [320, 390, 720, 768, 1024, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${what} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
    expect(await page.evaluate(cutOff), `${what} at ${width} cuts off`).toEqual([]);
  }
}

/** Controls that stand partly outside of the window, and that no scrolling brings in. Runs in the page. */
function cutOff(): string[] {
  return [...document.querySelectorAll<HTMLElement>("button, a, input, select, textarea, [role=tab]")]
    .filter((control) => {
      const { width, right } = control.getBoundingClientRect();
      if (width < 2 || right <= window.innerWidth + 1) return false;
      for (let box = control.parentElement; box; box = box.parentElement)
        if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth)
          return false;
      return getComputedStyle(control).visibility === "visible";
    })
    .map((control) => `${control.tagName} ${control.textContent.trim() || control.ariaLabel || control.id}`);
}

/** A page at both sizes and in both themes: looked at by axe, and kept as a picture. */
export async function expectEveryLook(page: Page, name: string): Promise<void> {
  await look(page, name, () => true);
}

/** The same, large and light, and small and dark: for layers over a page that was looked at as a whole. */
export async function expectLooks(page: Page, name: string): Promise<void> {
  await look(page, name, (theme, size) => (theme === "light") === (size === "1440"));
}

async function look(
  page: Page,
  name: string,
  wanted: (theme: string, size: string) => boolean,
): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    for (const size of SIZES.filter((size) => wanted(theme, size.name))) {
      await page.setViewportSize(size);
      // Where nobody could open it, a picture is wasted time.
      if (!process.env["CI"]) await page.screenshot({ path: `${FOLDER}/${name}-${theme}-${size.name}.png` });
      const both = wanted("light", size.name) && wanted("dark", size.name);
      await expectAccessible(
        page,
        `${name} ${theme} ${size.name}`,
        both && theme === "dark" ? COLOUR_RULES : undefined,
      );
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${name} at ${size.name} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
}
