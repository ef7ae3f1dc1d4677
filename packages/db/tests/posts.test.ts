import { expect, test } from "vitest";
import { commentQueries, pageViewQueries, postQueries, type WriteTransaction } from "../src/index.ts";
import { addUser, NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

function addPost(
  tx: WriteTransaction,
  authorId: string,
  slug: string,
  options: { tags?: string[]; at?: number | null },
) {
  const publishedAtMs = options.at === undefined ? NOW_MS : options.at;
  const text = { title: slug, excerpt: "…", body: "one two three" };
  return postQueries.create(tx, {
    ...text,
    slug,
    authorId,
    tags: options.tags ?? [],
    publishedAtMs,
    nowMs: NOW_MS,
  });
}

test("posts are paged newest first without loss or repeat, those of one instant too", async () => {
  await using temp = await createTempDatabase();
  await temp.db.write((tx) => {
    const { id } = addUser(tx, "ada");
    for (let index = 0; index < 11; index += 1) {
      addPost(tx, id, `post-${index}`, {
        at: NOW_MS + Math.floor(index / 4),
        tags: index % 2 === 0 ? ["even"] : ["odd"],
      });
    }
    addPost(tx, id, "draft", { at: null, tags: ["even"] });
  });
  await temp.db.read((tx) => {
    const all: string[] = [];
    let after: postQueries.PostCursor | undefined;
    for (;;) {
      const page = postQueries.list(tx, { limit: 3, after });
      all.push(...page.posts.map(({ slug }) => slug));
      if (page.next === null) break;
      after = page.next;
    }
    expect(new Set(all).size).toBe(11);
    expect(all).toHaveLength(11);
    expect(all.slice(0, 3).sort()).toEqual(["post-10", "post-8", "post-9"]);
    const even = postQueries.list(tx, { tag: "even", limit: 6 });
    expect(even.posts.every(({ tags }) => tags.includes("even"))).toBe(true);
    expect([even.posts.length, even.next]).toEqual([6, null]);
    expect(postQueries.tagCounts(tx)).toEqual([
      { name: "even", count: 6 },
      { name: "odd", count: 5 },
    ]);
  });
});

test("a post is read with author, tags and comments, and changes only where asked", async () => {
  await using temp = await createTempDatabase();
  const id = await temp.db.write((tx) => {
    const ada = addUser(tx, "ada");
    const post = addPost(tx, ada.id, "hello", { tags: ["b", "a"] });
    commentQueries.create(tx, { postId: post.id, authorId: ada.id, body: "first", nowMs: NOW_MS });
    const second = commentQueries.create(tx, {
      postId: post.id,
      authorId: ada.id,
      body: "second",
      nowMs: NOW_MS + 1,
    });
    commentQueries.create(tx, { postId: post.id, authorId: ada.id, body: "third", nowMs: NOW_MS + 2 });
    expect(commentQueries.remove(tx, second.id, NOW_MS + 3)).toBe(true);
    expect(commentQueries.remove(tx, second.id, NOW_MS + 4)).toBe(false);
    return post.id;
  });
  const found = await temp.db.read((tx) => postQueries.findBySlug(tx, "hello"));
  expect(found).toMatchObject({ id, tags: ["a", "b"], author: { username: "ada" }, readingMinutes: 1 });
  expect(found?.comments.map(({ body, author }) => [body, author.username])).toEqual([
    ["first", "ada"],
    ["third", "ada"],
  ]);
  const changes = { body: "word ".repeat(1_000), tags: ["c"] };
  const changed = await temp.db.write((tx) => postQueries.update(tx, id, changes, { nowMs: NOW_MS + 9 }));
  expect(changed).toMatchObject({ title: "hello", tags: ["c"], readingMinutes: 5, updatedAtMs: NOW_MS + 9 });
  await temp.db.write((tx) => {
    expect(postQueries.update(tx, "nothing", { title: "?" }, { nowMs: NOW_MS })).toBeUndefined();
    postQueries.addViews(tx, id, 7);
    expect(postQueries.popular(tx, 5).map(({ slug, viewCount }) => [slug, viewCount])).toEqual([
      ["hello", 7],
    ]);
    expect(postQueries.latestByAuthor(tx, changed?.author.id ?? "", 3)).toEqual([
      { slug: "hello", title: "hello", publishedAtMs: NOW_MS },
    ]);
  });
});

test("page views fall into hours and days of UTC, and the hours add up to the day", async () => {
  await using temp = await createTempDatabase();
  const midnight = Date.UTC(2026, 2, 29);
  await temp.db.write((tx) => {
    for (const minutes of [-1, 0, 59, 60, 61, 1_439, 1_440]) {
      pageViewQueries.add(tx, { path: "/", atMs: midnight + minutes * 60_000, views: 2, newVisitors: 1 });
    }
    pageViewQueries.add(tx, { path: "/blog", atMs: midnight, views: 5, newVisitors: 5 });
  });
  await temp.db.read((tx) => {
    const day = { fromMs: midnight, toMs: midnight + 86_400_000 };
    expect(pageViewQueries.dailySeries(tx, { path: "/", ...day })).toEqual([
      { atMs: midnight, views: 10, visitors: 5 },
    ]);
    const hours = pageViewQueries.hourlySeries(tx, { path: "/", ...day });
    expect(hours.map(({ views }) => views)).toEqual([4, 4, 2]);
    expect(pageViewQueries.dailySeries(tx, day)).toEqual([{ atMs: midnight, views: 15, visitors: null }]);
    expect(pageViewQueries.topPaths(tx, { ...day, limit: 1 })).toEqual([{ path: "/", views: 10 }]);
  });
});
