import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { findChromium } from "@cardinal/dev";
import { chromium } from "playwright-core";
import type { BrowserContext, Page } from "playwright-core";
import { BROWSER_FLAGS } from "./browser.ts";

/** A browser with a profile on disk, whose process can die. */
export interface BrowserProcess {
  readonly context: BrowserContext;
  readonly page: Page;
  /** As a crash, or the user's patience, ends it: nothing is saved or said goodbye to. */
  kill(): Promise<void>;
}

export async function startBrowserProcess(profile: string): Promise<BrowserProcess> {
  const { path } = await findChromium();
  const child = spawn(
    path,
    [...BROWSER_FLAGS, "--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const exited = once(child, "exit");
  const kill = async () => {
    // The whole group: the browser's own children too.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
    await exited;
  };
  try {
    const browser = await chromium.connectOverCDP(await addressIn(child.stderr, exited));
    const [context] = browser.contexts();
    if (!context) throw new Error("the browser has no context");
    return { context, page: context.pages()[0] ?? (await context.newPage()), kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** Where the browser listens: the first line that says so. */
async function addressIn(output: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<string> {
  const lines = createInterface({ input: output });
  const found = (async () => {
    for await (const line of lines) {
      const [, address] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
      if (address !== undefined) return address;
    }
    throw new Error("the browser said nothing");
  })();
  return Promise.race([
    found,
    exited.then(() => {
      throw new Error("the browser ended before it listened");
    }),
  ]);
}
