import { createCardinalClient } from "@cardinal/client";
import type { CardinalClient } from "@cardinal/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchMortalBrowser, visit } from "./support/browser.ts";
import type { MortalBrowser } from "./support/browser.ts";
import { isLive, openFirstRoom } from "./support/chat-page.ts";
import { startStack } from "./support/stack.ts";
import type { Stack } from "./support/stack.ts";

const GONE_WITHIN_MS = 20_000;

let stack: Stack;
let mortal: MortalBrowser;
let watcher: CardinalClient;

beforeAll(async () => {
  [stack, mortal] = await Promise.all([startStack({ servers: 1 }), launchMortalBrowser()]);
  const [{ url }] = stack.servers;
  using door = createCardinalClient({ url });
  const { token = "" } = await door.trpc.auth.signIn.mutate({
    login: "ada",
    password: "cardinal-demo-1",
    issueToken: true,
  });
  watcher = createCardinalClient({ url, token });
});
afterAll(async () => {
  watcher.close();
  mortal.kill();
  await stack.stop();
});

it("nobody sees a reload or a second tab, and who is killed leaves once, within 20 s", async () => {
  const [{ url }] = stack.servers;
  const { context, page } = await visit(mortal.browser, url, /^Bo/);
  const path = await openFirstRoom(page, url);
  const room = await watcher.trpc.room.get.query({ slug: path.split("/").at(-1) ?? "" });
  const seen: string[] = [];
  const left = Promise.withResolvers<void>();
  watcher.trpc.presence.onChange.subscribe(
    { room: room.id },
    {
      onData: ({ data }) => {
        if (data.kind === "snapshot") {
          seen.push(...data.users.map(({ user }) => `here: ${user.username}`));
          return;
        }
        seen.push(...data.joins.map(({ user }) => `join: ${user.username}`), ...data.leaves.map(() => "leave"));
        if (data.leaves.length > 0) left.resolve();
      },
    },
  );
  await expect.poll(() => seen.some((line) => line.endsWith(": bo"))).toBe(true);
  const before = seen.filter((line) => line.endsWith(": bo")).length;

  for (let time = 0; time < 2; time += 1) {
    await page.reload();
    await isLive(page);
  }
  const second = await context.newPage();
  await second.goto(url + path);
  await isLive(second);
  await page.close();
  await second.reload();
  await isLive(second);

  const killedAtMs = performance.now();
  mortal.kill();
  await left.promise;
  const tookMs = Math.round(performance.now() - killedAtMs);
  console.log(`a browser that was killed left after ${tookMs} ms`);
  expect(tookMs).toBeLessThan(GONE_WITHIN_MS);
  // Had a reload or the closed tab shown, its leave would have come before this one.
  expect(seen.filter((line) => line === "leave")).toHaveLength(1);
  expect(seen.filter((line) => line.endsWith(": bo"))).toHaveLength(before);
});
