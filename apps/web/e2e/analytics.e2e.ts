import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { complaintsOf, launchBrowser, visit } from "./support/browser.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

// A browser that says it has no head counts as a bot.
const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

it("counts the pages a member opens, and shows them beside those of the past weeks", async () => {
  const { url } = stack.servers[0];
  const { context, page } = await visit(browser, url, /^Bo/, "/", { userAgent });
  const complaints = complaintsOf(page);
  const counted = () =>
    page.waitForResponse((response) => response.url().includes("analytics.track") && response.ok());
  for (const name of ["Blog", "Jobs"]) {
    await Promise.all([counted(), page.getByRole("navigation", { name: "Main" }).getByText(name).click()]);
  }
  await page.getByRole("navigation", { name: "Main" }).getByText("Analytics").click();
  await page.getByRole("heading", { name: "Analytics" }).waitFor();
  await page.getByText(/visitors? in the last five minutes/).waitFor();

  await page.getByRole("link", { name: "24 h" }).click();
  await page.waitForURL(/days=1/);
  const pages = page.getByRole("region", { name: "Pages" });
  await expect
    .poll(
      async () => {
        await page.reload();
        await pages.getByRole("row").nth(2).waitFor();
        return await pages.getByRole("rowheader").allInnerTexts();
      },
      { timeout: 20_000 },
    )
    .toEqual(expect.arrayContaining(["/blog", "/jobs"]));

  await page.getByRole("link", { name: "90 days" }).click();
  await page.waitForURL(/days=90/);
  expect(complaints).toEqual([]);
  await context.close();
});
