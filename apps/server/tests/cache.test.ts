import { outboxQueries, postQueries, userQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import type { TestClient } from "./support/test-client.ts";

let test: TestServer;
let ada: TestClient;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  ada = await test.signedInClient("ada");
});
afterAll(() => test[Symbol.asyncDispose]());

const visitor = () => test.newClient();
const db = () => test.server.context.db;
const firstPost = async () => Object((await visitor().query("post.list", { limit: 1 })).data).posts[0];

describe("a member's profile", () => {
  it("comes with his latest posts, by id and by name", async () => {
    const byName = await visitor().query("user.find", { username: "ADA" });
    expect(byName.data).toMatchObject({
      username: "ada",
      bio: expect.any(String),
      latestPosts: expect.any(Array),
    });
    expect(byName.data).not.toHaveProperty("email");
    const byId = await visitor().query("user.find", { id: Object(byName.data).id });
    expect(byId.data).toEqual(byName.data);
  });

  it("is remembered as absent, until someone takes the name", async () => {
    expect((await visitor().query("user.find", { username: "phoebe" })).data).toBeNull();
    await db().write((tx) =>
      userQueries.create(tx, {
        username: "phoebe",
        displayName: "Phoebe",
        email: "phoebe@example.test",
        passwordHash: "none",
        nowMs: Date.now(),
      }),
    );
    // Written behind the cache's back: what is remembered still holds.
    expect((await visitor().query("user.find", { username: "phoebe" })).data).toBeNull();

    expect((await visitor().query("user.find", { username: "quentin" })).data).toBeNull();
    await visitor().mutate("auth.signUp", {
      username: "quentin",
      displayName: "Quentin",
      email: "quentin@example.test",
      password: "eight brown teapots",
    });
    expect((await visitor().query("user.find", { username: "quentin" })).data).toMatchObject({
      username: "quentin",
    });
  });

  it("and every page that shows him follow a new name at once", async () => {
    const post = await firstPost();
    const author = await test.signedInClient(post.author.username);
    await visitor().query("post.bySlug", { slug: post.slug });
    await ada.query("user.search", { query: "renamed" });

    const updated = await author.mutate("user.update", { displayName: "Renamed Member" });
    expect(updated.data).toMatchObject({ displayName: "Renamed Member", email: expect.any(String) });

    expect(Object((await visitor().query("user.find", { id: post.author.id })).data).displayName).toBe(
      "Renamed Member",
    );
    expect((await firstPost()).author.displayName).toBe("Renamed Member");
    expect(Object((await visitor().query("post.bySlug", { slug: post.slug })).data).author.displayName).toBe(
      "Renamed Member",
    );
    expect(Object((await ada.query("user.search", { query: "RENAMED" })).data).users).toHaveLength(1);
  });

  it.each([
    ["nothing to change", {}],
    ["a blank name", { displayName: "   " }],
    ["a name that turns text around", { displayName: "Ada\u202Eevil" }],
    ["a bio of 501 characters", { bio: "x".repeat(501) }],
  ])("refuses %s", async (_what, input) => {
    expect(await ada.mutate("user.update", input)).toMatchObject({
      status: 400,
      error: { reason: "INVALID_INPUT" },
    });
  });
});

describe("the blog", () => {
  it("lists every post once, page by page, newest first", async () => {
    const seen: { id: string; publishedAtMs: number }[] = [];
    let cursor: string | null = null;
    do {
      const page: { posts: typeof seen; nextCursor: string | null } = Object(
        (await visitor().query("post.list", { limit: 5, cursor })).data,
      );
      seen.push(...page.posts);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(12);
    expect(seen.map(({ publishedAtMs }) => publishedAtMs)).toEqual(
      seen.map(({ publishedAtMs }) => publishedAtMs).toSorted((a, b) => b - a),
    );
  });

  it.each(["not a cursor", "e30", "", Buffer.from("1.2").toString("base64url")])(
    "refuses the cursor %j",
    async (cursor) => {
      expect(await visitor().query("post.list", { cursor })).toMatchObject({
        status: 400,
        error: { reason: "MALFORMED_CURSOR" },
      });
    },
  );

  it("says so for an unknown post", async () => {
    expect(await visitor().query("post.bySlug", { slug: "no-such-post" })).toMatchObject({
      status: 404,
      error: { reason: "POST_NOT_FOUND" },
    });
  });

  it("serves a post from the cache, and anew once it was changed", async () => {
    const { slug, id } = await firstPost();
    await visitor().query("post.bySlug", { slug });
    await db().write((tx) =>
      postQueries.update(tx, id, { title: "Behind the cache" }, { nowMs: Date.now() }),
    );
    expect(Object((await visitor().query("post.bySlug", { slug })).data).title).not.toBe("Behind the cache");

    const before = Object((await visitor().query("post.tags")).data).tags;
    const updated = await ada.mutate("post.update", { id, title: "A new title", tags: ["brand-new-tag"] });
    expect(updated.data).toMatchObject({ title: "A new title", tags: ["brand-new-tag"] });
    expect(Object((await visitor().query("post.bySlug", { slug })).data).title).toBe("A new title");
    expect((await firstPost()).title).toBe("A new title");
    const after = Object((await visitor().query("post.tags")).data).tags;
    expect(after).not.toEqual(before);
    expect(after).toContainEqual({ name: "brand-new-tag", count: 1 });
    expect(Object((await visitor().query("post.list", { tag: "brand-new-tag" })).data).posts).toHaveLength(1);
  });

  it("writes the invalidations with the change, for a crash in between", async () => {
    const { id } = await firstPost();
    await ada.mutate("post.update", { id, title: "Once more" });
    const jobs = await db().read((tx) => outboxQueries.list(tx, { state: "pending", limit: 10 }));
    const repeated = jobs
      .filter(({ jobName }) => jobName === "invalidate-cache-tags")
      .map(({ payload }) => payload);
    expect(repeated).toContainEqual({ namespace: "post-list", tags: ["posts"] });
    expect(repeated).toContainEqual(expect.objectContaining({ namespace: "post" }));
  });

  it("lets only the author and admins change a post", async () => {
    const { id, author } = await firstPost();
    const other = await test.signedInClient(author.username === "bo" ? "cy" : "bo");
    expect(await other.mutate("post.update", { id, title: "Mine now" })).toMatchObject({
      status: 403,
      error: { reason: "NOT_THE_AUTHOR" },
    });
  });
});

describe("jobs", () => {
  it("are the member's own; an admin sees all", async () => {
    const all = Object((await ada.query("job.list", { limit: 100 })).data).jobs;
    const own = Object((await (await test.signedInClient("bo")).query("job.list", { limit: 100 })).data).jobs;
    expect(all.length).toBeGreaterThan(own.length);
    expect(all[0]).toMatchObject({
      name: expect.any(String),
      state: expect.any(String),
      attempts: expect.any(Number),
    });
    const dead = Object((await ada.query("job.list", { state: "dead" })).data).jobs;
    expect(dead.every(({ state }: { state: string }) => state === "dead")).toBe(true);
  });
});
