import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import type { PresenceOnChangeFrame } from "@cardinal/api/schemas";
import { freePort, startPubSubProxy } from "@cardinal/dev";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";
import { followRoom } from "./support/follow-room.ts";
import { collect, openLiveClient, tokenOf } from "./support/live-client.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import { startServerProcess } from "./support/server-process.ts";
import { TestClient } from "./support/test-client.ts";

const { hostname, port: redisPort } = new URL(inject("redisUrl"));
const redis = { host: hostname, port: Number(redisPort) };

const print = (line: string) => void process.stdout.write(`${line}\n`);

let test: TestServer;
let roomId: string;
beforeAll(async () => {
  const patience = { pingAfterMs: 400, pongWithinMs: 400 };
  const overrides = { patience, deps: { live: { presence: { grace: 300 } } } };
  test = await createTestServer({ redisUrl: inject("redisUrl"), overrides });
  roomId = await roomIdOf(await test.signedInClient("ada"), "general");
});
afterAll(() => test[Symbol.asyncDispose]());

it("a process killed between COMMIT and PUBLISH costs another's client 6 s, and no reconnect", { timeout: 90_000 }, async () => {
  await using toRedis = await startPubSubProxy({ target: redis });
  const port = await freePort();
  const doomed = await startServerProcess(port, {
    DATABASE_PATH: test.databasePath,
    REDIS_URL: toRedis.url(),
    KEY_PREFIX: test.prefix,
  });
  try {
    const author = new TestClient(`http://127.0.0.1:${port}`, `http://localhost:${port}`);
    await author.signIn("ada");
    await using client = openLiveClient(test.url, await tokenOf(test.newClient(), "bo"), "websocket");
    const room = await followRoom(client, { roomId });
    const killed = Promise.withResolvers<void>();
    toRedis.setFaults({
      onPublish: (channel) => {
        if (!channel.includes(`room-${roomId}`)) return "pass";
        void doomed.kill().then(killed.resolve);
        return "stop";
      },
    });
    const body = `the last words of ${randomUUID()}`;
    const send = author.mutate("chat.send", { roomId, body, clientMessageId: randomUUID() });
    // Whether its author still got an answer is a matter of luck.
    await send.catch(() => {});
    await killed.promise;
    const killedAtMs = performance.now();
    await eventually(async () => expect(room.events().at(-1)?.message.body).toBe(body), 18_000);
    print(`what a killed process did not publish arrived after ${Math.round(performance.now() - killedAtMs)} ms`);
    expect(room.frames.filter(({ kind }) => kind === "ready")).toHaveLength(1);
    expect(room.reasons).toEqual([]);
    room.stop();
  } finally {
    await doomed.kill();
  }
});

describe("a session that is revoked while its message is lost", () => {
  it("loses its streams of both transports within 5 s", { timeout: 60_000 }, async () => {
    await using toRedis = await startPubSubProxy({ target: redis });
    toRedis.setFaults({ onDeliver: () => "lose" });
    await using deaf = await createTestServer({ redisUrl: toRedis.url(), besides: test });
    const token = await tokenOf(test.newClient(), "cy");
    await using socket = openLiveClient(deaf.url, token, "websocket");
    await using sse = openLiveClient(deaf.url, token, "sse");
    const rooms = [await followRoom(socket, { roomId }), await followRoom(sse, { roomId })];
    const revokedAtMs = performance.now();
    await test.server.context.deps.sessions.revoke(token);
    for (const room of rooms) {
      await eventually(async () => expect(room.reasons).toEqual(["SESSION_EXPIRED"]), 15_000);
    }
    print(`streams of a revoked session ended after ${Math.round(performance.now() - revokedAtMs)} ms`);
  });
});

describe("a client that is stopped in its tracks", () => {
  it("is gone, from the sockets and from who is present, when it did not answer a ping", { timeout: 60_000 }, async () => {
    await using watching = openLiveClient(test.url, await tokenOf(test.newClient(), "bo"), "websocket");
    const seen = collect<PresenceOnChangeFrame>((handlers) =>
      watching.api.presence.onChange.subscribe({ room: "site" }, handlers),
    );
    await seen.started;
    const diffs = () => seen.frames.flatMap((frame) => (frame.kind === "diff" ? frame : []));
    const joins = () => diffs().flatMap((diff) => diff.joins).map(({ user }) => user.username);
    const leaves = () => diffs().flatMap((diff) => diff.leaves);
    const token = await tokenOf(test.newClient(), "di");
    const ghost = fork(join(import.meta.dirname, "support/ghost-client.ts"), [test.url, token, roomId]);
    try {
      await once(ghost, "message");
      await eventually(async () => expect(joins()).toEqual(["di"]));
      expect(test.server.live.sockets).toBe(2);
      ghost.kill("SIGSTOP");
      await eventually(async () => {
        expect(leaves()).toHaveLength(1);
        // Who answers stays.
        expect(test.server.live.sockets).toBe(1);
        expect(test.server.context.deps.live.counts().streams).toBe(1);
      });
      expect(seen.reasons).toEqual([]);
    } finally {
      ghost.kill("SIGKILL");
    }
  });
});
