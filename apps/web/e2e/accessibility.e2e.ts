import { gzipSync } from "node:zlib";
import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { complaintsOf, enter, launchBrowser } from "./support/browser.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

const BUDGET_KB = 170;
const PAGES = ["/", "/chat", "/boards", "/blog", "/analytics", "/jobs", "/moderation"];

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

it.each([
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 1280 },
  { colorScheme: "light", width: 390 },
  { colorScheme: "dark", width: 320 },
] as const)(
  "has no violation in $colorScheme at $width px",
  async ({ colorScheme, width }) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 800 },
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const found: string[] = [];
    const check = async (name: string) => {
      await page.locator("h1").first().waitFor({ state: "attached" });
    await page.waitForFunction(() => !document.querySelector(".animate-pulse, .animate-spin"));
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, nodes } of violations) {
        found.push(`${name}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) found.push(`${name}: ${overflow} px wider than the screen`);
    };
    const { url } = stack.servers[0];
    await page.goto(`${url}/sign-up`);
    await check("/sign-up");
    await page.goto(`${url}/sign-in`);
    await page.getByRole("button", { name: /^Ada/ }).waitFor();
    await check("/sign-in");
    await enter(page, url, /^Ada/);
    for (const path of PAGES) {
      await page.goto(url + path);
      await page
        .getByRole("status")
        .filter({ hasText: /^Live$/ })
        .waitFor();
      await check(path);
    }
    await page.keyboard.press("Control+k");
    await page.getByRole("searchbox", { name: "Search messages" }).fill("lock");
    await page.getByRole("list", { name: "Messages found" }).getByRole("link").first().waitFor();
    await check("search");
    await page.goto(`${url}/blog`);
    await page.getByRole("article").first().getByRole("link").first().click();
    await page.getByRole("button", { name: "Edit" }).waitFor();
    await check("/blog/$slug");
    await page.getByRole("button", { name: /^Ada/ }).click();
    await check("account menu");
    await page.goto(`${url}/nowhere`);
    await check("/nowhere");
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  },
  120_000,
);

it("can be used by keyboard alone, from sign-in to a sent message", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${stack.servers[0].url}/chat`);
  await page.getByRole("button", { name: /^Bo/ }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/chat\/.+/);
  await page.getByRole("textbox", { name: /^Message to/ }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate(() => document.activeElement?.tagName === "TEXTAREA")) break;
    await page.keyboard.press("Tab");
  }
  const text = `by keyboard ${crypto.randomUUID()}`;
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await page.locator("[data-message-number]").filter({ hasText: text }).waitFor();
  await context.close();
});

it(`needs at most ${BUDGET_KB} KB of script for its first page`, async () => {
  const sizes: Record<string, number> = {};
  for (const path of ["/sign-in", ...PAGES]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    if (path !== "/sign-in") await enter(page, stack.servers[0].url, /^Bo/);
    await page.goto(stack.servers[0].url + path);
    await page.waitForLoadState("networkidle", { timeout: 5_000 }).catch(() => undefined);
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .filter((name) => name.endsWith(".js")),
    );
    let bytes = 0;
    for (const script of new Set(scripts)) bytes += gzipSync(await (await fetch(script)).text()).length;
    sizes[path] = Math.round(bytes / 1_024);
    await context.close();
  }
  console.log("script per page in KB:", sizes);
  expect(Math.max(...Object.values(sizes))).toBeLessThanOrEqual(BUDGET_KB);
}, 120_000);
