import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, visit } from "./support/browser.ts";
import { isLive } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const scoreOf = async (page: Page, name: RegExp) => {
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name }) });
  return Number((await row.getByRole("cell").last().innerText()).replaceAll(/\D/g, ""));
};

it("moves the board in both windows when a score changes", async () => {
  const { url } = stack.servers[0];
  const [ada, bo] = await Promise.all([
    visit(browser, url, /^Ada/, "/boards"),
    visit(browser, url, /^Bo/, "/boards"),
  ]);
  await bo.page.waitForURL(/\/boards\/.+/);
  await ada.page.goto(bo.page.url());
  await Promise.all([isLive(ada.page), isLive(bo.page)]);
  await bo.page.getByRole("table").waitFor();
  await ada.page.getByRole("table").waitFor();
  const before = await scoreOf(ada.page, /^Bo/).catch(() => 0);
  await bo.page.getByRole("button", { name: "Complete a challenge" }).click();
  await bo.page.getByText(/^\+25 points/).waitFor();
  for (const page of [ada.page, bo.page]) {
    await expect.poll(() => scoreOf(page, /^Bo/), { timeout: 10_000 }).toBe(before + 25);
  }
  await Promise.all([ada.context.close(), bo.context.close()]);
});
