import type { Page } from "playwright-core";

/** The live connection stands. */
export const isLive = (page: Page) => page.getByRole("status").filter({ hasText: /^Live$/ }).waitFor();

export const messageWith = (page: Page, text: string) => page.getByRole("listitem").filter({ hasText: text });

export async function write(page: Page, text: string): Promise<void> {
  const box = page.getByRole("textbox", { name: /^Message to/ });
  await box.fill(text);
  await box.press("Enter");
}

/** The texts of the list that begin with `prefix`, from top to bottom. */
export async function textsWith(page: Page, prefix: string): Promise<string[]> {
  const texts = await page.getByRole("listitem").locator("p").allInnerTexts();
  return texts.flatMap((text) => {
    const found = text.split("\n").find((line) => line.startsWith(prefix));
    return found === undefined ? [] : [found.replace(/\s*Sent$/, "").trim()];
  });
}

/** The first room the member is in: where `/chat` leads. */
export async function openFirstRoom(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/chat`);
  await page.waitForURL(/\/chat\/.+/);
  await isLive(page);
  return new URL(page.url()).pathname;
}
