import type { Page } from "playwright-core";

/** The live connection stands. */
export const isLive = (page: Page) =>
  page
    .getByRole("status")
    .filter({ hasText: /^Live$/ })
    .waitFor();

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

/** Lets what was asked for be drawn: half a dozen frames. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let frame = 0; frame < 6; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** The first message that stands wholly on screen, and where. */
export async function firstOnScreen(page: Page): Promise<{ number: number; y: number }> {
  return page.getByRole("region", { name: "Messages" }).evaluate((list) => {
    const { top } = list.getBoundingClientRect();
    for (const row of list.querySelectorAll<HTMLElement>("[data-message-number]")) {
      const { y } = row.getBoundingClientRect();
      if (y >= top) return { number: Number(row.dataset["messageNumber"]), y };
    }
    throw new Error("no message on screen");
  });
}
