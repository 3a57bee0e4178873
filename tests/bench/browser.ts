import { type Browser, chromium } from "@playwright/test";
import { Stack } from "#tests/stack.ts";
import { type Figure, report, table } from "./figures.ts";

/** Debian's Chromium, as all benches of pages use it. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
}

/** Cookies of the stack's first person, who signs in by the page. */
export async function signedIn(browser: Browser, stack: Stack) {
  const page = await browser.newPage();
  await page.goto(`${stack.url}/sign-in`);
  await page.getByLabel("Email").fill(stack.credentials.email);
  await page.getByLabel("Password").fill(stack.credentials.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/studio$/);
  const state = await page.context().storageState();
  await page.close();
  return state;
}

/** Measures pages of a stack of its own, and prints what it found. @param json as JSON, not as a table */
export async function benchPages(
  measure: (stack: Stack, browser: Browser) => Promise<Figure[]>,
  json: boolean,
): Promise<void> {
  const stack = await Stack.start();
  const browser = await openBrowser();
  try {
    const figures = await measure(stack, browser);
    process.stdout.write(json ? `${JSON.stringify(report(figures), null, 2)}\n` : `${table(figures)}\n`);
  } finally {
    await browser.close();
    await stack.stop();
  }
}
