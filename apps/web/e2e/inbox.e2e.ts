import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, visit } from "./support/browser.ts";
import { messageWith, openFirstRoom, write } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;
let ada: Page;
let bo: Page;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ servers: 1 }), launchBrowser()]);
  const [{ url }] = stack.servers;
  const visitors = await Promise.all([visit(browser, url, /^Ada/), visit(browser, url, /^Bo/)]);
  [ada, bo] = visitors.map(({ page }) => page) as [Page, Page];
  await openFirstRoom(bo, url);
  await ada.goto(`${url}/blog`);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

it("tells a member on another page that he was named, and leads there", async () => {
  await ada.getByRole("button", { name: "Inbox", exact: true }).waitFor();
  const text = `look at this, @ada ${crypto.randomUUID()}`;
  await write(bo, text);
  await ada.getByRole("button", { name: "Inbox, 1 unread" }).click();
  await ada.getByRole("dialog", { name: "Inbox" }).getByRole("link", { name: /named you in/ }).click();
  await messageWith(ada, text).waitFor();
  await ada.getByRole("button", { name: "Inbox", exact: true }).waitFor();
  expect(new URL(ada.url()).pathname).toBe(new URL(bo.url()).pathname);
});
