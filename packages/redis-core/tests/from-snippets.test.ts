import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createPosts, type Post } from "../examples/snippets/caching.ts";
import { createCounting } from "../examples/snippets/counting.ts";
import { createLimits } from "../examples/snippets/limits.ts";
import { createSignIn } from "../examples/snippets/sign-in.ts";
import { createTogether } from "../examples/snippets/together.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { eventually } from "./support/eventually.ts";

const folder = join(import.meta.dirname, "../examples/snippets");
const guide = join(import.meta.dirname, "../../../docs/guides/from-snippets.md");

let test: TestCore;

beforeAll(async () => {
  test = await createTestCore(inject("redisUrl"));
});
afterAll(() => test[Symbol.asyncDispose]());

/** The parts of the files that the guide shows, as it shows them. */
async function shownParts(): Promise<string[]> {
  const parts: string[] = [];
  for (const file of await readdir(folder)) {
    const text = await readFile(join(folder, file), "utf8");
    for (const [, part = ""] of text.matchAll(/\/\/ snippet: \w+\n(.*?)\n *\/\/ end\n/gs)) {
      const lines = part.split("\n");
      const indent = Math.min(...lines.filter(Boolean).map((line) => line.search(/\S/)));
      parts.push(lines.map((line) => line.slice(indent)).join("\n"));
    }
  }
  return parts;
}

it("the guide shows these examples, all of them and no other", async () => {
  const text = await readFile(guide, "utf8");
  const shown = [...text.matchAll(/```ts\n(.*?)\n```/gs)].map(([, code = ""]) => code);
  expect(shown.toSorted()).toEqual((await shownParts()).toSorted());
});

describe("the examples", () => {
  it("cache posts, also those that are not there, and forget them by tag", async () => {
    const rows = new Map<string, Post>([["1", { id: "1", title: "one", authorId: "ada", tags: ["redis"] }]]);
    let loads = 0;
    const posts = createPosts(test.core, {
      findPost: async (id) => {
        loads += 1;
        return rows.get(id);
      },
      listPosts: async () => [...rows.values()],
    });
    const readers = Array.from({ length: 20 }, () => posts.getPost("1"));
    expect((await Promise.all(readers)).every((post) => post?.title === "one")).toBe(true);
    expect([await posts.getPost("none"), await posts.getPost("none")]).toEqual([undefined, undefined]);
    expect(loads).toBe(2);
    const changed: Post = { id: "1", title: "changed", authorId: "ada", tags: [] };
    expect(await posts.getPosts(1)).toHaveLength(1);
    rows.set("1", changed);
    await posts.invalidatePost(changed);
    expect((await posts.getPost("1"))?.title).toBe("changed");
    expect((await posts.getPosts(1))?.[0]?.title).toBe("changed");
    await posts.invalidateAuthor("ada");
    await posts.getPost("1");
    expect(loads).toBe(4);
    const done: number[] = [];
    await posts.warm(
      (async function* ids() {
        yield* ["1", "2"];
      })(),
      (count) => done.push(count),
    );
    expect(done).toEqual([1, 2]);
  });

  it("sign in, out, and out everywhere", async () => {
    const signIn = createSignIn(test.core);
    const [here, there] = [await signIn.signIn("ada", "ada@example.org"), await signIn.signIn("ada", "ada@example.org")];
    expect((await signIn.currentUser(here))?.data.email).toBe("ada@example.org");
    await signIn.signOut(here);
    expect(await signIn.currentUser(here)).toBeNull();
    await signIn.signOutEverywhere("ada");
    expect(await signIn.currentUser(there)).toBeNull();
  });

  it("limit, and say so in headers", async () => {
    const limits = createLimits(test.core);
    const answers = [];
    for (let call = 0; call < 11; call += 1) {
      answers.push(await limits.limitRequest("ada"));
    }
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect(answers.at(-1)?.headers).toMatchObject({ "X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0" });
    for (const limiter of [limits.fixed, limits.sliding, limits.bucket]) {
      expect((await limiter.limit({ caller: "ada" })).allowed).toBe(true);
    }
    expect(await limits.mayCreatePost("ada", "203.0.113.7")).toBe(true);
  });

  it("count views, pages and points", async () => {
    const counting = createCounting(test.core);
    await counting.viewPost("1", "ada");
    await counting.viewPost("1", "ada");
    expect(await counting.getTopPosts()).toEqual([{ item: "1", count: 1 }]);
    await counting.trackPageView("/blog", "ada");
    await counting.trackPageView("/blog", "bo");
    const dayMs = 86_400_000;
    expect(await counting.getPageViews("/blog", Date.now() - dayMs, Date.now() + dayMs)).toBe(2);
    await counting.addScore("ada", 10, "op-1");
    await counting.addScore("ada", 10, "op-1");
    expect(await counting.getLeaderboard()).toMatchObject([{ member: "ada", score: 10, rank: 1 }]);
    expect(await counting.getUserRank("nobody")).toEqual({ rank: null, score: 0 });
  });

  it("meet, hear and lock", async () => {
    const together = createTogether(test.core);
    await together.markUserOnline("ada");
    expect([await together.getOnlineUsers(), await together.getOnlineCount()]).toEqual([["ada"], 1]);
    const heard: string[] = [];
    await using _subscription = await together.subscribe((text) => heard.push(text), () => {});
    await together.publish("hello");
    await eventually(async () => expect(heard).toEqual(["hello"]));
    const fences = [];
    for (let round = 0; round < 2; round += 1) {
      fences.push(await together.withLock("invoice", async (fence) => fence));
    }
    expect(fences[1]).toBeGreaterThan(fences[0] ?? 0n);
  });
});
