import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";

let test: TestServer;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
});
afterAll(() => test[Symbol.asyncDispose]());

describe("the queue board", () => {
  it("shows the queues to an admin", async () => {
    const ada = await test.signedInClient("ada");
    const page = await ada.fetch("/admin/queues/");
    expect(page.status).toBe(200);
    expect(page.body).toContain("/admin/queues/");
    const { body } = await ada.fetch("/admin/queues/api/queues");
    expect(Object(body).queues.map(({ name }: { name: string }) => name)).toEqual([
      "email",
      "image",
      "maintenance",
    ]);
  });

  it("is not there for members and visitors", async () => {
    expect((await test.newClient().fetch("/admin/queues/")).status).toBe(404);
    const bo = await test.signedInClient("bo");
    expect((await bo.fetch("/admin/queues/")).status).toBe(404);
    expect((await bo.fetch("/admin/queues/api/queues")).status).toBe(404);
  });

  it("takes no orders from a foreign page", async () => {
    const ada = await test.signedInClient("ada");
    const order = (origin: string) =>
      ada.fetch("/admin/queues/api/queues/email/pause", { method: "PUT", headers: { origin } });
    expect(await order("https://evil.example")).toMatchObject({
      status: 403,
      error: { reason: "ORIGIN_REFUSED" },
    });
    expect((await order("http://localhost:5173")).status).toBe(200);
  });
});
