import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, visit } from "./support/browser.ts";
import { isLive, messageWith, openFirstRoom, write } from "./support/chat-page.ts";
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
  await Promise.all([openFirstRoom(ada, url), openFirstRoom(bo, url)]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

it("opens a private room, brings somebody in, and talks there", async () => {
  await ada.getByRole("button", { name: "New room" }).first().click();
  const dialog = ada.getByRole("dialog", { name: "A new room" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Quiet corner");
  await dialog.getByRole("checkbox", { name: "Private" }).check();
  await dialog.getByRole("button", { name: "Open the room" }).click();
  await ada.waitForURL(/\/chat\/quiet-corner$/);
  await ada.getByText("Nothing has been said here yet").waitFor();

  await ada.getByRole("button", { name: "Invite" }).click();
  const invite = ada.getByRole("dialog", { name: /^Bring somebody into/ });
  await invite.getByRole("searchbox", { name: "Name" }).fill("bo");
  await invite.getByRole("button", { name: /^Bring in Bo/ }).click();
  await invite.getByText(/is in\.$/).waitFor();
  await ada.keyboard.press("Escape");
  await expect.poll(() => invite.count()).toBe(0);

  await bo.goto(ada.url());
  await isLive(bo);
  const text = `between us ${crypto.randomUUID()}`;
  await write(ada, text);
  await messageWith(bo, text).waitFor();
});

it("begins a conversation with somebody who is here, and finds it again from the other side", async () => {
  await bo.getByRole("button", { name: /^Write to Ada/ }).click();
  await bo.waitForURL(/\/chat\/dm-/);
  const text = `only you ${crypto.randomUUID()}`;
  await write(bo, text);
  await messageWith(bo, text).and(bo.locator("[data-message-number]")).waitFor();

  await ada.getByRole("button", { name: "Write to somebody" }).click();
  const dialog = ada.getByRole("dialog", { name: "Write to somebody" });
  await dialog.getByRole("searchbox", { name: "Name" }).fill("bo");
  await dialog.getByRole("button", { name: /^Write to Bo/ }).click();
  await messageWith(ada, text).waitFor();
  expect(new URL(ada.url()).pathname).toBe(new URL(bo.url()).pathname);
});
