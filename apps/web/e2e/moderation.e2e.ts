import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { complaintsOf, launchBrowser, visit } from "./support/browser.ts";
import { isLive, messageWith, write } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;
/** The admin, who owns the room, and a plain member in a browser of his own. */
let ada: Page;
let bo: Page;
let complaints: string[];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  const [{ url }] = stack.servers;
  const visitors = await Promise.all([
    visit(browser, url, /^Ada/, "/chat/general"),
    visit(browser, url, /^Bo/, "/chat/general"),
  ]);
  [ada, bo] = visitors.map(({ page }) => page) as [Page, Page];
  complaints = [...complaintsOf(ada), ...complaintsOf(bo)];
  await Promise.all([isLive(ada), isLive(bo)]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const composer = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });
const violationsOf = async (page: Page) =>
  (await new AxeBuilder({ page }).analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );

/** Opens what is hidden behind "Manage" of a member. */
async function manage(page: Page, name: string) {
  await page.getByRole("button", { name: "Room menu" }).click();
  await page.getByRole("menuitem", { name: "Members" }).click();
  const dialog = page.getByRole("dialog", { name: /^Members of/ });
  await dialog.getByRole("button", { name: new RegExp(`^Manage ${name}`) }).click();
  return dialog;
}

async function act(page: Page, text: string, action: string): Promise<void> {
  const message = messageWith(page, text);
  await message.hover();
  await message.getByRole("button", { name: action, exact: true }).click();
}

const text = `out of line ${crypto.randomUUID()}`;

it("pins a message for everybody, and leads back to it", async () => {
  await write(bo, text);
  await messageWith(ada, text).waitFor();
  await act(ada, text, "Pin");
  await bo.getByRole("button", { name: "2 pinned messages" }).click();
  const pins = bo.getByRole("dialog", { name: "Pinned in General" });
  expect(await violationsOf(bo)).toEqual([]);
  await pins.getByRole("listitem").filter({ hasText: text }).getByRole("button", { name: "Go to the message" }).click();
  await messageWith(bo, text).getByText("Pinned by Ada Okafor").waitFor();
  expect(await pins.count()).toBe(0);
});

it("slows the room down: the composer counts and keeps what is written, and what came too early goes out by itself", async () => {
  await ada.getByRole("button", { name: "Room menu" }).click();
  expect(await violationsOf(ada)).toEqual([]);
  await ada.getByRole("menuitem", { name: "Settings" }).click();
  const settings = ada.getByRole("dialog", { name: "Settings of General" });
  await settings.getByRole("combobox", { name: /^Slow mode/ }).selectOption({ label: "10 seconds" });
  // A browser that will know nothing of what this one sends.
  const other = await visit(browser, stack.servers[0].url, /^Bo/, "/chat/general");
  await composer(other.page).waitFor();
  await settings.getByRole("button", { name: "Save" }).click();
  await bo.getByText("Slow mode: one message in 10 s").waitFor();
  await write(bo, `first ${text}`);
  await bo.getByText(/^Slow mode: you can send in \d+ s/).waitFor();
  await write(bo, "not yet");
  expect(await composer(bo).inputValue()).toBe("not yet");
  await write(other.page, `second ${text}`);
  await other.page.getByText(/^Slow mode: sent in \d+ s/).waitFor();
  await messageWith(ada, `second ${text}`).waitFor();
  await other.context.close();
});

it("mutes a member, who sees it at once and can write again when it is lifted", async () => {
  const dialog = await manage(ada, "Bo");
  await dialog.getByRole("button", { name: "Mute" }).click();
  await dialog.getByRole("textbox", { name: /^Why/ }).fill("calm down");
  await dialog.getByRole("button", { name: "Mute Bo Lindqvist" }).click();
  await bo.getByText(/You are muted here until .*calm down/).waitFor();
  expect(await composer(bo).count()).toBe(0);
  expect(await violationsOf(bo)).toEqual([]);
  await dialog.getByRole("button", { name: /^Manage Bo/ }).click();
  await dialog.getByRole("button", { name: "Let speak again" }).click();
  await composer(bo).waitFor();
  await ada.keyboard.press("Escape");
});

it("reports a message, which is settled by a ban: its author loses the room at once", async () => {
  await act(ada, `second ${text}`, "Report");
  const report = ada.getByRole("dialog", { name: /^Report a message of Bo/ });
  await report.getByRole("combobox", { name: "What is wrong with it?" }).selectOption("harassment");
  expect(await violationsOf(ada)).toEqual([]);
  await report.getByRole("button", { name: "Report" }).click();
  await report.getByText("Thank you.").waitFor();
  await report.getByRole("button", { name: "Close" }).last().click();

  await ada.getByRole("link", { name: "Reports 2 open" }).click();
  const card = ada.getByRole("listitem").filter({ hasText: `second ${text}` });
  await card.getByRole("combobox", { name: "What shall be done" }).selectOption("ban");
  await card.getByRole("textbox", { name: "Why" }).fill("enough");
  expect(await violationsOf(ada)).toEqual([]);
  await card.getByRole("textbox", { name: "Why" }).press("Enter");
  await bo.getByText("You are banned from General").waitFor();
  await bo.getByText(/It stays closed to you until .*: enough\./).waitFor();
  await card.waitFor({ state: "detached" });
  await ada.getByRole("link", { name: "Reports 1 open" }).waitFor();
  await ada.getByRole("button", { name: "Log" }).click();
  await ada.getByRole("listitem").filter({ hasText: "Ada Okafor banned Bo Lindqvist in General: enough" }).waitFor();
  expect(complaints).toEqual([]);
});
