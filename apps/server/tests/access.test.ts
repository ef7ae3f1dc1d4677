import { appRouter } from "@cardinal/api";
import type { AnyTRPCProcedure } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";

let test: TestServer;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
});
afterAll(() => test[Symbol.asyncDispose]());

/** What anyone may call. Everything else is for members: a new procedure is, until it is named here. */
const open = [
  "auth.signUp",
  "auth.signIn",
  "auth.signOut",
  "auth.me",
  "auth.demoLogins",
  "user.find",
  "leaderboard.list",
  "leaderboard.top",
  "leaderboard.onChange",
  "post.list",
  "post.bySlug",
  "post.tags",
  "analytics.track",
  "health.get",
  "live.feed",
];

const procedures = Object.entries<unknown>(appRouter._def.procedures).filter(
  (entry): entry is [string, AnyTRPCProcedure] => typeof entry[1] === "function" && "_def" in entry[1],
);
const closed = procedures.filter(([path]) => !open.includes(path));

describe("without signing in", () => {
  it.each(closed)("%s is refused before its input is looked at", async (path, procedure) => {
    const visitor = test.newClient();
    const { type } = procedure._def;
    const answer = await (type === "mutation" ? visitor.mutate(path, {}) : visitor.query(path, {}));
    expect(JSON.stringify(answer.body)).toContain("NOT_SIGNED_IN");
    expect(JSON.stringify(answer.body)).not.toContain("INVALID_INPUT");
  });

  it("the list of what anyone may call names real procedures", () => {
    expect(open.filter((path) => !procedures.some(([known]) => known === path))).toEqual([]);
  });

  it.each(["user.find", "leaderboard.top", "post.list", "post.bySlug"])(
    "%s shows nobody's e-mail",
    async (path) => {
      const inputs: Record<string, unknown> = {
        "user.find": { username: "ada" },
        "leaderboard.top": { board: "quiz", period: "all" },
        "post.list": {},
        "post.bySlug": { slug: await firstSlug() },
      };
      const answer = await test.newClient().query(path, inputs[path]);
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.body)).not.toMatch(/@cardinal\.test|passwordHash|argon2/);
    },
  );
});

async function firstSlug(): Promise<string> {
  return Object((await test.newClient().query("post.list")).data).posts[0].slug;
}
