import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { complaintsOf, launchBrowser, visit } from "./support/browser.ts";
import { startBrowserProcess } from "./support/browser-process.ts";
import { isLive, messageWith, openFirstRoom, textsWith, write } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;
let url: string;
let ada: Page;
let bo: Page;
let complaints: string[];
let room: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  ({ url } = stack.servers[0]);
  [ada, bo] = (await Promise.all([visit(browser, url, /^Ada/), visit(browser, url, /^Bo/)])).map(({ page }) => page) as [
    Page,
    Page,
  ];
  complaints = complaintsOf(ada);
  room = await openFirstRoom(ada, url);
  await bo.goto(url + room);
  await isLive(bo);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const box = () => ada.getByRole("searchbox", { name: "Search messages" });
const results = () => ada.getByRole("list", { name: "Messages found" }).getByRole("link");
const jumped = () => ada.locator('article[aria-current="true"]');
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

  await jumped().waitFor();
  await expect.poll(() => jumped().evaluate((article) => article === document.activeElement)).toBe(true);
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
  const text = `while she reads old ones ${crypto.randomUUID()}`;
  await write(bo, text);
  await ada.getByRole("button", { name: /^1 new message$/ }).click();
  await messageWith(ada, text).waitFor();
  const fromEnd = () => list.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await expect.poll(fromEnd).toBeLessThan(80);
});

it("opens a link to a message, and says when it was deleted", async () => {
  await ada.goto(`${url}${room}?message=12`);
  await jumped().waitFor();
  expect(await ada.locator("[data-message-number]", { has: jumped() }).getAttribute("data-message-number")).toBe("12");
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

const waiting = (page: Page, text: string) => page.locator('[data-outgoing="waiting"]').filter({ hasText: text });
const shown = (page: Page, text: string) => messageWith(page, text).and(page.locator("[data-message-number]"));
const draftBox = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });

/** Opens a page of the app, through the door if need be. */
async function open(page: Page, name: RegExp, path: string): Promise<void> {
  await page.goto(url + path);
  const door = page.getByRole("button", { name });
  await door.or(page.getByRole("navigation", { name: "Main" })).first().waitFor();
  if (await door.isVisible()) await door.click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

it("sends once what was written before the browser was killed, answered or not", async () => {
  const profile = await mkdtemp(join(tmpdir(), "cardinal-profile-"));
  const prefix = `killed-${crypto.randomUUID().slice(0, 8)}`;
  const first = await startBrowserProcess(profile);
  try {
    await open(first.page, /^Ada/, room);
    await isLive(first.page);
    // The server stores the first one, and the answer never comes.
    const stored = Promise.withResolvers<void>();
    await first.context.route(/chat\.send/, async (route) => {
      await route.fetch();
      stored.resolve();
    });
    await write(first.page, `${prefix} 1`);
    await stored.promise;
    await shown(bo, `${prefix} 1`).waitFor();
    await first.context.setOffline(true);
    await write(first.page, `${prefix} 2`);
    await first.page.locator("[data-outgoing]").filter({ hasText: `${prefix} 2` }).waitFor();
    await draftBox(first.page).fill(`${prefix} draft`);
    await expect.poll(() => storedTexts(first.page)).toEqual([`${prefix} 2`, `${prefix} draft`]);
  } finally {
    await first.kill();
  }
  const second = await startBrowserProcess(profile);
  try {
    // Any page will do.
    await open(second.page, /^Ada/, "/boards");
    await shown(bo, `${prefix} 2`).waitFor();
    await open(second.page, /^Ada/, room);
    await shown(second.page, `${prefix} 2`).waitFor();
    await expect.poll(() => second.page.locator("[data-outgoing]").count()).toBe(0);
    expect(await draftBox(second.page).inputValue()).toBe(`${prefix} draft`);
    for (const page of [second.page, bo]) expect(await textsWith(page, prefix)).toEqual([`${prefix} 1`, `${prefix} 2`]);
  } finally {
    await second.kill();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** The newest message and draft this browser keeps. */
function storedTexts(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const result = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(request.error ?? new Error("refused")));
      });
    const db = await result(indexedDB.open("cardinal"));
    const tx = db.transaction(["outgoing", "draft"]);
    const outgoing: { body: string }[] = await result(tx.objectStore("outgoing").getAll());
    const drafts: { text: string }[] = await result(tx.objectStore("draft").getAll());
    db.close();
    return [outgoing.at(-1)?.body ?? "", drafts.at(-1)?.text ?? ""];
  });
}

it("shows in every tab what waits, and sends it when the network is back, whichever tab is left", async () => {
  const { context, page: one } = await visit(browser, url, /^Cy/, room);
  const two = await context.newPage();
  await two.goto(url + room);
  for (const page of [one, two]) {
    await isLive(page);
    await page.locator("[data-message-number]").first().waitFor();
  }
  await context.setOffline(true);
  const prefix = `tabs-${crypto.randomUUID().slice(0, 8)}`;
  await write(two, `${prefix} 1`);
  await write(two, `${prefix} 2`);
  for (const page of [one, two]) {
    await waiting(page, `${prefix} 1`).waitFor();
    await page.locator('[data-outgoing="queued"]').filter({ hasText: `${prefix} 2` }).waitFor();
  }
  // The first tab is the one that sends.
  await one.close();
  await context.setOffline(false);
  await shown(two, `${prefix} 2`).waitFor();
  await shown(bo, `${prefix} 2`).waitFor();
  for (const page of [two, bo]) expect(await textsWith(page, prefix)).toEqual([`${prefix} 1`, `${prefix} 2`]);
  await context.close();
});

it("never sends or shows what another member of this browser wrote, and keeps it for him unless he signs out", async () => {
  const { context, page } = await visit(browser, url, /^Di/, room);
  await isLive(page);
  await context.route(/chat\.send/, (route) => route.abort());
  const kept = `kept ${crypto.randomUUID()}`;
  await write(page, kept);
  await waiting(page, kept).waitFor();
  await draftBox(page).fill("a draft of Di's");
  // The session ends by itself, and somebody else comes.
  await context.clearCookies();
  await context.unroute(/chat\.send/);
  await open(page, /^Cy/, room);
  await page.locator("[data-message-number]").first().waitFor();
  await isLive(page);
  expect(await page.getByText(kept).count()).toBe(0);
  expect(await draftBox(page).inputValue()).toBe("");
  expect(await bo.getByText(kept).count()).toBe(0);
  await context.clearCookies();
  await open(page, /^Di/, room);
  await shown(bo, kept).waitFor();
  await expect.poll(() => draftBox(page).inputValue()).toBe("a draft of Di's");

  const discarded = `discarded ${crypto.randomUUID()}`;
  await context.route(/chat\.send/, (route) => route.abort());
  await write(page, discarded);
  await waiting(page, discarded).waitFor();
  await page.getByRole("button", { name: /^Di / }).click();
  await page.getByText("A message has not been sent. Signing out discards it.").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  await context.unroute(/chat\.send/);
  await open(page, /^Di/, room);
  await isLive(page);
  await write(page, `after ${discarded}`);
  await shown(bo, `after ${discarded}`).waitFor();
  expect(await textsWith(bo, "discarded ")).toEqual([]);
  await context.close();
});

it("keeps the text of a refused message, to be sent again, changed or discarded", async () => {
  const { context, page } = await visit(browser, url, /^Cy/, room);
  await isLive(page);
  const membership = (verb: "leave" | "join") =>
    page.evaluate(
      async ([slug, name]) => {
        const asked = encodeURIComponent(JSON.stringify({ slug }));
        const { result } = await (await fetch(`/api/trpc/room.get?input=${asked}`)).json();
        const body = JSON.stringify({ roomId: result.data.id });
        const headers = { "content-type": "application/json" };
        await fetch(`/api/trpc/room.${name}`, { method: "POST", headers, body });
      },
      [room.split("/").at(-1), verb] as const,
    );
  // It waits for the network, and by the time that is back its author has left the room.
  await context.route(/chat\.send/, (route) => route.abort());
  const text = `refused ${crypto.randomUUID()}`;
  await write(page, text);
  await waiting(page, text).waitFor();
  await membership("leave");
  const refused = page.waitForResponse(/chat\.send/);
  await context.unroute(/chat\.send/);
  expect((await refused).status()).toBe(403);
  await membership("join");
  await page.reload();
  const failed = page.locator('[data-outgoing="failed"]').filter({ hasText: text });
  await failed.getByText("Not sent. You are not a member of this room.").waitFor();
  await failed.getByRole("button", { name: "Edit" }).click();
  await expect.poll(() => draftBox(page).inputValue()).toBe(text);
  await draftBox(page).fill(`better than ${text}`);
  await draftBox(page).press("Enter");
  await shown(bo, `better than ${text}`).waitFor();
  await failed.waitFor({ state: "detached" });
  await context.close();
});

it("sends without storage, says so, and takes over what earlier versions left", async () => {
  const { context, page } = await visit(browser, url, /^Cy/, room);
  await isLive(page);
  const old = `left by an earlier version ${crypto.randomUUID()}`;
  await page.evaluate(
    async ([slug, body]) => {
      const asked = encodeURIComponent(JSON.stringify({ slug }));
      const { result } = await (await fetch(`/api/trpc/room.get?input=${asked}`)).json();
      const me = await (await fetch("/api/trpc/auth.me")).json();
      const key = `cardinal.member.outbox.${me.result.data.user.id}.${result.data.id}`;
      const clientMessageId = crypto.randomUUID();
      localStorage.setItem(key, JSON.stringify([{ clientMessageId, body, createdAtMs: 1, state: "queued", reason: null }]));
    },
    [room.split("/").at(-1), old] as const,
  );
  await page.reload();
  await shown(bo, old).waitFor();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("outbox")))).toEqual([]);

  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("refused", "SecurityError");
    };
  });
  await page.reload();
  await page.getByText("This browser keeps nothing for us").waitFor();
  const text = `nowhere kept ${crypto.randomUUID()}`;
  await write(page, text);
  await shown(bo, text).waitFor();
  await context.close();
});
