import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { complaintsOf, launchBrowser, visit } from "./support/browser.ts";
import { firstOnScreen, isLive, messageWith, openFirstRoom, settle, textsWith, write } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;
let ada: Page;
let bo: Page;
let room: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ servers: 2 }), launchBrowser()]);
  const [first] = stack.servers;
  const visitors = await Promise.all([visit(browser, first.url, /^Ada/), visit(browser, first.url, /^Bo/)]);
  [ada, bo] = visitors.map(({ page }) => page) as [Page, Page];
  room = await openFirstRoom(ada, first.url);
  await bo.goto(first.url + room);
  await isLive(bo);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

it("shows each member the other's messages and presence", async () => {
  const here = (page: Page) => page.getByRole("list", { name: "Here now" });
  await here(ada).getByText(/^Bo/).waitFor();
  await here(bo).getByText(/^Ada/).waitFor();

  const latencies: number[] = [];
  for (const [from, to] of [
    [ada, bo],
    [bo, ada],
    [ada, bo],
    [bo, ada],
    [ada, bo],
  ] as const) {
    const text = `ping ${crypto.randomUUID()}`;
    const seen = messageWith(to, text).waitFor();
    const startedAt = performance.now();
    await write(from, text);
    await seen;
    latencies.push(Math.round(performance.now() - startedAt));
    await messageWith(from, text).and(from.locator("[data-message-number]")).waitFor();
  }
  expect(latencies).toHaveLength(5);
  console.log(`one member's key press to the other's screen: ${latencies.join(", ")} ms`);
});

it("changes, answers, reacts to and deletes a message, for everybody at once", async () => {
  const text = `first words ${crypto.randomUUID()}`;
  const better = `better ${text}`;
  const answer = `an answer ${crypto.randomUUID()}`;
  await write(ada, text);
  await messageWith(bo, text).waitFor();

  // By keyboard: ArrowUp in the empty box takes the last message of one's own.
  const box = ada.getByRole("textbox", { name: /^Message to/ });
  await messageWith(ada, text).and(ada.locator("[data-message-number]")).waitFor();
  await box.press("ArrowUp");
  await ada.getByText("Changing your message").waitFor();
  await box.fill(better);
  await box.press("Enter");
  await messageWith(bo, better).getByText("(edited)").waitFor();

  await messageWith(bo, better).hover();
  await messageWith(bo, better).getByRole("button", { name: "React", exact: true }).click();
  await messageWith(bo, better).getByRole("button", { name: "React with 🎉" }).click();
  await messageWith(ada, better).getByRole("button", { name: "🎉, 1" }).click();
  await messageWith(bo, better).getByRole("button", { name: "🎉, 2" }).waitFor();

  await messageWith(bo, better).hover();
  await messageWith(bo, better).getByRole("button", { name: "Reply" }).click();
  await write(bo, answer);
  await messageWith(ada, answer).getByRole("button", { name: /^Answers Ada/ }).waitFor();

  const original = messageWith(ada, better).first();
  await original.hover();
  await original.getByRole("button", { name: "Delete", exact: true }).click();
  await original.getByText("Delete this message?").waitFor();
  await original.getByRole("button", { name: "Delete", exact: true }).click();
  await expect.poll(() => messageWith(bo, better).count(), { timeout: 10_000 }).toBe(0);
  await messageWith(bo, answer).getByText("a deleted message").waitFor();
});

it("shows that the other one is typing, until the message is there", async () => {
  const box = bo.getByRole("textbox", { name: /^Message to/ });
  await box.fill("");
  await box.pressSequentially("about to say something");
  await ada.getByText(/^Bo .* is typing…$/).waitFor();
  await box.press("Enter");
  await expect.poll(() => ada.getByText(/ is typing…$/).count(), { timeout: 10_000 }).toBe(0);
});

it("shows a member leaving", async () => {
  const { page, context } = await visit(browser, stack.servers[0].url, /^Di/, room);
  const inList = ada.getByRole("list", { name: "Here now" }).getByText(/^Di/);
  await isLive(page);
  await inList.waitFor();
  await context.close();
  await expect.poll(() => inList.count(), { timeout: 30_000 }).toBe(0);
});

it("carries a message between two server processes", async () => {
  const [, second] = stack.servers;
  const { page, context } = await visit(browser, second?.url ?? "", /^Cy/, room);
  await isLive(page);
  const fromFirst = `over the first ${crypto.randomUUID()}`;
  await write(ada, fromFirst);
  await messageWith(page, fromFirst).waitFor();
  const fromSecond = `over the second ${crypto.randomUUID()}`;
  await write(page, fromSecond);
  await expect.poll(() => messageWith(ada, fromSecond).count()).toBe(1);
  await context.close();
});

it("comes back by itself after the server was killed, every message once and in order", async () => {
  const complaints = complaintsOf(ada);
  const [first, second] = stack.servers;
  const { page: cy, context } = await visit(browser, second?.url ?? "", /^Cy/, room);
  await isLive(cy);
  const prefix = `crash-${crypto.randomUUID().slice(0, 8)}`;
  await write(ada, `${prefix} 1`);
  await messageWith(bo, `${prefix} 1`).waitFor();

  await first.kill();
  // Another member goes on through the other process, and this one writes into the void.
  await write(cy, `${prefix} 2`);
  await write(cy, `${prefix} 3`);
  await messageWith(cy, `${prefix} 3`).and(cy.locator("[data-message-number]")).waitFor();
  await write(ada, `${prefix} 4`);
  await ada.getByText("will retry").waitFor();
  await first.start();

  const expected = [1, 2, 3, 4].map((number) => `${prefix} ${number}`);
  for (const page of [ada, bo, cy]) {
    await messageWith(page, `${prefix} 4`).and(page.locator("[data-message-number]")).waitFor();
    expect(await textsWith(page, prefix)).toEqual(expected);
  }
  await isLive(ada);
  expect(complaints).toEqual([]);
  await context.close();
});

it("keeps the place on screen while older messages are put in front", async () => {
  const list = ada.getByRole("region", { name: "Messages" });
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await ada.route(/chat\.history/, async (route) => {
    await released;
    await route.continue();
  });
  const isLoading = ada.getByText("Loading older messages…");
  await list.hover();
  while (!(await isLoading.isVisible())) await ada.mouse.wheel(0, -800);
  await settle(ada);
  const anchor = await firstOnScreen(ada);
  release();
  await isLoading.waitFor({ state: "detached" });
  await settle(ada);
  const before = ada.locator(`[data-message-number="${anchor.number - 1}"]`);
  await before.waitFor({ state: "attached" });
  const moved = await ada.locator(`[data-message-number="${anchor.number}"]`).boundingBox();
  expect(Math.abs((moved?.y ?? 0) - anchor.y)).toBeLessThan(8);

  await ada.unroute(/chat\.history/);
  await ada.getByRole("button", { name: "Latest messages" }).click();
  const fromEnd = () => list.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  await expect.poll(fromEnd).toBeLessThan(80);
});

it("keeps a draft per room over a reload, and counts near the limit", async () => {
  const box = ada.getByRole("textbox", { name: /^Message to/ });
  await box.fill("x".repeat(3_900));
  await ada.getByText("3,900 of 4,000").waitFor();
  await box.fill("x".repeat(4_010));
  await ada.getByText("10 characters too many").waitFor();
  expect(await ada.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
  await box.fill("not finished");
  await ada.reload();
  await expect.poll(() => box.inputValue()).toBe("not finished");
  await box.fill("");
});

it("reads history and blog, and says that it will retry, while Redis is away", async () => {
  const { page, context } = await visit(browser, stack.servers[0].url, /^Eli|^Di/, room);
  await isLive(page);
  process.kill(stack.redis.pid, "SIGSTOP");
  try {
    const text = `while Redis was away ${crypto.randomUUID()}`;
    await write(page, text);
    await page.goto(stack.servers[0].url + room);
    await page.locator("[data-message-number]").first().waitFor();
    await page.goto(`${stack.servers[0].url}/blog`);
    await page.getByRole("article").first().waitFor();
    await page.goto(stack.servers[0].url + room);
    process.kill(stack.redis.pid, "SIGCONT");
    await messageWith(page, text).and(page.locator("[data-message-number]")).waitFor();
    expect(await textsWith(page, "while Redis was away")).toHaveLength(1);
  } finally {
    process.kill(stack.redis.pid, "SIGCONT");
  }
  await context.close();
});
