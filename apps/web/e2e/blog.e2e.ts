import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, visit } from "./support/browser.ts";
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

// A browser that says it has no head counts as a bot.
const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

it("shows an edit to the next reader, in the post and in the list", async () => {
  const { url } = stack.servers[0];
  const ada = await visit(browser, url, /^Ada/, "/blog", { userAgent });
  const bo = await visit(browser, url, /^Bo/, "/blog", { userAgent });
  const heading = ada.page.getByRole("article").first().getByRole("heading");
  const title = await heading.innerText();
  await heading.getByRole("link").click();
  await ada.page.waitForURL(/\/blog\/.+/);
  const views = ada.page.getByTestId("post-views");
  await views.filter({ hasText: /^1 view$/ }).waitFor();
  await bo.page.goto(ada.page.url());
  await bo.page.getByRole("heading", { name: title, level: 1 }).waitFor();

  // Ada sees at once that somebody else reads it.
  await views.filter({ hasText: /^2 views$/ }).waitFor();

  const changed = `${title}, again`;
  await ada.page.getByRole("button", { name: "Edit" }).click();
  await ada.page.getByLabel("Title").fill(changed);
  await ada.page
    .getByLabel("Text (Markdown)")
    .fill("Now *different*.\n\n<img src=x onerror=alert(1)>\n\n[bad](javascript:alert(1))");
  await ada.page.getByRole("button", { name: "Save" }).click();
  await ada.page.getByRole("heading", { name: changed, level: 1 }).waitFor();

  await bo.page.reload();
  await bo.page.getByRole("heading", { name: changed, level: 1 }).waitFor();
  await bo.page.getByText("different").waitFor();
  expect(await bo.page.locator(".prose img").count()).toBe(0);
  expect(await bo.page.locator(".prose a").getAttribute("href")).toBe("");
  expect(await bo.page.getByRole("button", { name: "Edit" }).count()).toBe(0);
  await bo.page.goto(`${url}/blog`);
  await bo.page.getByRole("heading", { name: changed }).waitFor();
  await Promise.all([ada.context.close(), bo.context.close()]);
});
