import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enter, launchBrowser, visit } from "./support/browser.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;
let url: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  ({ url } = stack.servers[0]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

describe("signing in", () => {
  it("leads a deep link over sign-in to the page asked for", async () => {
    const { page, context } = await visit(browser, url, /^Ada/, "/blog?tag=redis");
    await page.getByRole("heading", { name: "Blog", level: 1 }).waitFor();
    expect(page.url()).toBe(`${url}/blog?tag=redis`);
    await context.close();
  });

  it("never leads to another site", async () => {
    const { page, context } = await visit(browser, url, /^Ada/, "/sign-in?next=//evil.test/");
    expect(new URL(page.url()).origin).toBe(url);
    await page.getByRole("heading", { name: /^Hello, / }).waitFor();
    await context.close();
  });

  it("says that a password is wrong and keeps what was typed", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${url}/sign-in`);
    await page.getByLabel("E-mail or username").fill("ada");
    await page.getByLabel("Password").fill("not the password of ada");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: "do not belong together" }).waitFor();
    expect(await page.getByLabel("E-mail or username").inputValue()).toBe("ada");
    await page.getByLabel("Password").fill("cardinal-demo-1");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: /^Hello, / }).waitFor();
    await context.close();
  });

  it("opens an account, and says which field is taken", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${url}/sign-up`);
    await page.getByLabel("Name", { exact: true }).fill("Zenobia Example");
    await page.getByLabel("Username").fill("ada");
    await page.getByLabel("E-mail").fill("zenobia@example.test");
    await page.getByLabel("Password").fill("too short");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("at least 15 characters").first().waitFor();
    await page.getByLabel("Password").fill("a sentence for her alone");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("This username is taken.").waitFor();
    await page.getByLabel("Username").fill("zenobia");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Hello, Zenobia" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    await context.close();
  });

  it("signs every tab out", async () => {
    const { page, context } = await visit(browser, url, /^Bo/, "/chat");
    const other = await context.newPage();
    await other.goto(`${url}/boards`);
    await other.getByRole("table").waitFor();
    await page.getByRole("textbox", { name: /^Message to/ }).fill("a draft that must go");
    await page.getByRole("button", { name: /^Bo/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${url}/sign-in`);
    await other.waitForURL(`${url}/sign-in`);
    const stored = await other.evaluate(() => JSON.stringify(localStorage));
    expect(stored).not.toContain("a draft that must go");
    await other.goto(`${url}/jobs`);
    await other.waitForURL(/\/sign-in\?next=/);
    await context.close();
  });

  it("says that a session has expired, keeps the draft and comes back to the page", async () => {
    const { page, context } = await visit(browser, url, /^Cy/, "/chat");
    await page.waitForURL(/\/chat\/.+/);
    const room = page.url();
    const box = page.getByRole("textbox", { name: /^Message to/ });
    await box.fill("half a thought");
    await context.clearCookies();
    await page.getByRole("link", { name: "Boards", exact: true }).click();
    await page.getByText("Session expired").waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByRole("button", { name: /^Cy/ }).click();
    await page.waitForURL(room);
    expect(await box.inputValue()).toBe("half a thought");
    await context.close();
  });

  it("makes an open tab the next member's when another one signs in", async () => {
    const { page, context } = await visit(browser, url, /^Ada/);
    const other = await context.newPage();
    await other.goto(url);
    await other.getByRole("heading", { name: /^Hello, Ada/ }).waitFor();
    await context.clearCookies();
    await enter(page, url, /^Bo/);
    await expect.poll(() => other.getByRole("heading", { name: /^Hello, Bo/ }).count()).toBe(1);
    await context.close();
  });
});
