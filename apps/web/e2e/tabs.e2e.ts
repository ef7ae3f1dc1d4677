import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaintsOf, launchBrowser, visit } from "./support/browser.ts";
import { isLive, messageWith, openFirstRoom, write } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

const TABS = 8;

let stack: Stack;
let browser: Browser;
let bo: Page;
let room: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  ({ page: bo } = await visit(browser, url(), /^Bo/));
  room = await openFirstRoom(bo, url());
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const url = () => stack.servers[0].url;

/** A figure of the server's. */
async function figure(name: string): Promise<number> {
  const text = await (await fetch(`${url()}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

async function openTabs(context: BrowserContext, count: number, search = ""): Promise<Page[]> {
  const pages = await Promise.all(Array.from({ length: count }, () => context.newPage()));
  await Promise.all(pages.map((page) => page.goto(`${url()}${room}${search}`)));
  await Promise.all(pages.map(isLive));
  return pages;
}

/** What each tab shows of the messages that begin with `prefix`, once it shows the last of them. */
async function shown(pages: readonly Page[], prefix: string, count: number): Promise<string[][]> {
  return await Promise.all(
    pages.map(async (page) => {
      await messageWith(page, `${prefix} ${count}`).and(page.locator("[data-message-number]")).waitFor();
      const texts = await page.getByRole("listitem").locator("p").allInnerTexts();
      return texts.flatMap((text) => new RegExp(`${prefix} \\d+`).exec(text)?.[0] ?? []);
    }),
  );
}

async function say(prefix: string, number: number): Promise<void> {
  await write(bo, `${prefix} ${number}`);
  await messageWith(bo, `${prefix} ${number}`).and(bo.locator("[data-message-number]")).waitFor();
}

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index + 1}`);

/** The tab that holds the stream: its Web Lock tells. */
async function leaderOf(pages: readonly Page[]): Promise<Page> {
  const leads = await Promise.all(
    pages.map((page) =>
      page.evaluate(async () => {
        const name = crypto.randomUUID();
        return await navigator.locks.request(name, async () => {
          const { held = [] } = await navigator.locks.query();
          const me = held.find((lock) => lock.name === name)?.clientId;
          return held.some((lock) => lock.name?.endsWith(":leader") && lock.clientId === me);
        });
      }),
    ),
  );
  const [leader, ...others] = pages.filter((_, index) => leads[index]);
  if (!leader || others.length > 0) throw new Error(`${pages.filter((_, index) => leads[index]).length} tabs lead`);
  return leader;
}

/** As when the browser runs out of memory for it. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  await page.goto("chrome://crash").catch(() => undefined);
  await crashed;
}

describe("eight tabs over HTTP/1.1", () => {
  it("live on one event stream, which passes on without a loss when its tab is closed or crashes", async () => {
    const { context, page: first } = await visit(browser, url(), /^Ada/, `${room}?transport=sse`);
    let pages = [first, ...(await openTabs(context, TABS - 1, "?transport=sse"))];
    const prefix = `tabs-${crypto.randomUUID().slice(0, 8)}`;
    await say(prefix, 1);
    expect(await shown(pages, prefix, 1)).toEqual(pages.map(() => numbered(prefix, 1)));
    expect(await figure("sse_connections")).toBe(1);

    // Connections are left for everything else: a query of each tab at once.
    const startedAt = performance.now();
    await Promise.all(pages.map((page) => page.evaluate(async () => await (await fetch("/api/trpc/health.get")).text())));
    console.log(`a query in each of ${TABS} tabs: ${Math.round(performance.now() - startedAt)} ms`);

    for (const [index, end] of [(page: Page) => page.close(), crash].entries()) {
      const leader = await leaderOf(pages);
      pages = pages.filter((page) => page !== leader);
      await Promise.all([end(leader), say(prefix, index + 2)]);
      expect(await shown(pages, prefix, index + 2)).toEqual(pages.map(() => numbered(prefix, index + 2)));
    }
    await expect.poll(() => figure("sse_connections"), { timeout: 20_000 }).toBe(1);
    await context.close();
  });

  it("are as good over a WebSocket each", async () => {
    const { context, page: first } = await visit(browser, url(), /^Cy/, room);
    const complaints = complaintsOf(first);
    const pages = [first, ...(await openTabs(context, TABS - 1))];
    const prefix = `sockets-${crypto.randomUUID().slice(0, 8)}`;
    await say(prefix, 1);
    expect(await shown(pages, prefix, 1)).toEqual(pages.map(() => numbered(prefix, 1)));
    expect(await figure("sse_connections")).toBe(0);
    expect(await figure("ws_connections")).toBeGreaterThanOrEqual(TABS);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
