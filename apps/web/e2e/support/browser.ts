import { findChromium } from "@cardinal/dev";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launchBrowser(): Promise<Browser> {
  const { path } = await findChromium();
  return chromium.launch({ executablePath: path, headless: true, args: BROWSER_FLAGS });
}

export interface MortalBrowser {
  readonly browser: Browser;
  /** Kill -9: no page says goodbye. */
  kill(): void;
}

/** A browser whose process the test may kill. */
export async function launchMortalBrowser(): Promise<MortalBrowser> {
  const { path } = await findChromium();
  const server = await chromium.launchServer({ executablePath: path, headless: true, args: BROWSER_FLAGS });
  const browser = await chromium.connect(server.wsEndpoint());
  return { browser, kill: () => void server.process().kill("SIGKILL") };
}

/** What a page complained of: uncaught errors, and broken security policy. Not failed requests. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|React/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return complaints;
}

/** Signs in with one press on a demo login, at `path`. */
export async function enter(page: Page, url: string, name: RegExp, path = "/"): Promise<void> {
  await page.goto(url + path);
  await page.getByRole("button", { name }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** A browser of his own for one member, signed in. */
export async function visit(
  browser: Browser,
  url: string,
  name: RegExp,
  path?: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await enter(page, url, name, path);
  return { context, page };
}
