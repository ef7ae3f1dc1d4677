import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { complaintsOf, launchBrowser, visit } from "./support/browser.ts";
import { isLive, messageWith, openFirstRoom, write } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;
let ada: Page;
let complaints: string[];
let room: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  ({ page: ada } = await visit(browser, stack.servers[0].url, /^Ada/));
  complaints = complaintsOf(ada);
  room = await openFirstRoom(ada, stack.servers[0].url);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const box = () => ada.getByRole("searchbox", { name: "Search messages" });
const results = () => ada.getByRole("list", { name: "Messages found" }).getByRole("link");
const shown = () => ada.locator('article[aria-current="true"]');
/** The numbers of the messages drawn, ascending. */
const numbers = () =>
  ada.locator("[data-message-number]").evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-message-number"))));

it("finds a message by keyboard, jumps to it, reads on in both directions and comes back to the latest", async () => {
  await ada.locator("[data-message-number]").first().waitFor();
  const head = Math.max(...(await numbers()));
  await ada.keyboard.press("Control+k");
  await box().fill("the");
  await results().first().waitFor();
  expect(await results().first().locator("mark").count()).toBeGreaterThan(0);
  // An old one: the last of what was found in this room.
  await ada.getByRole("combobox", { name: "Room" }).selectOption({ label: `In ${await ada.getByRole("heading", { level: 1 }).innerText()}` });
  await expect.poll(async () => new Set(await results().locator("text=/^in /").allInnerTexts()).size).toBe(1);
  for (let page = 2; page <= 5; page += 1) {
    await ada.getByRole("button", { name: "Older results" }).click();
    await expect.poll(() => results().count()).toBe(20 * page);
  }
  await box().press("ArrowDown");
  await expect.poll(() => results().first().evaluate((link) => link === document.activeElement)).toBe(true);
  await results().last().focus();
  await ada.keyboard.press("Enter");

  await shown().waitFor();
  await expect.poll(() => shown().evaluate((article) => article === document.activeElement)).toBe(true);
  expect(new URL(ada.url()).searchParams.get("message")).toMatch(/^[0-9a-f-]{36}$/);
  await ada.getByText(/^Showing the message of /).waitFor({ state: "attached" });
  // Far above the fifty that were loaded.
  expect(Math.max(...(await numbers()))).toBeLessThan(head - 100);

  // Down, page after page, without a gap.
  const list = ada.getByRole("region", { name: "Messages" });
  await list.hover();
  let drawn = await numbers();
  const goal = Math.max(...drawn) + 80;
  while (Math.max(...drawn) < goal) {
    await ada.mouse.wheel(0, 400);
    drawn = await numbers();
    expect(drawn).toEqual(drawn.map((_, index) => (drawn[0] ?? 0) + index));
  }

  // What is said meanwhile waits at the end, and is counted.
  const { page: bo, context } = await visit(browser, stack.servers[0].url, /^Bo/, room);
  await isLive(bo);
  const text = `while she reads old ones ${crypto.randomUUID()}`;
  await write(bo, text);
  await ada.getByRole("button", { name: /^1 new message$/ }).click();
  await messageWith(ada, text).waitFor();
  const fromEnd = () => list.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await expect.poll(fromEnd).toBeLessThan(80);
  await context.close();
});

it("opens a link to a message, and says when it was deleted", async () => {
  const { url } = stack.servers[0];
  await ada.goto(`${url}${room}?message=12`);
  await shown().waitFor();
  expect(await ada.locator("[data-message-number]", { has: shown() }).getAttribute("data-message-number")).toBe("12");
  await ada.goto(`${url}${room}?message=${crypto.randomUUID()}`);
  await ada.getByRole("alert").getByText("That message was deleted, or it is not in this room.").waitFor();
  await ada.locator("[data-message-number]").first().waitFor();
});

it("says that nothing was found, and opens with a slash", async () => {
  await ada.getByRole("heading", { level: 1 }).click();
  await ada.keyboard.press("/");
  await box().fill("xyzzyplugh");
  await ada.getByText("Nothing was found.").waitFor();
  await ada.keyboard.press("Escape");
  await box().waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});
