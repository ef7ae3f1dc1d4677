import { RedisStore } from "connect-redis";
import type { BenchmarkCase } from "../contender.ts";
import { openClient, openCore, openNodeRedis } from "./open-core.ts";

const users = 1_000;
const data = { role: "member", theme: "dark", cart: ["a-17", "b-4"] };
const idleMs = 7 * 86_400_000;

/**
 * One request of a signed-in visitor: finding the session and keeping it alive. Ours is one verification, whose touch
 * is throttled to once a minute; connect-redis' is what express-session does for a request, `get` and `touch`; the
 * floor is the same two commands, without a library around them.
 */
export const sessionVerify: BenchmarkCase = {
  name: "session verify",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const sessions = core.sessions<typeof data>({ idle: "7d", absolute: "30d" });
    const peerClient = await openNodeRedis(redisUrl);
    const store = new RedisStore({ client: peerClient, prefix: "connect:" });
    const cookie = { originalMaxAge: idleMs, expires: new Date(Date.now() + idleMs), httpOnly: true, path: "/" };
    const floorClient = await openClient(redisUrl);
    const tokens: string[] = [];
    for (let index = 0; index < users; index += 1) {
      const { token } = await sessions.create({ userId: `member-${index}`, data });
      tokens.push(token);
      await store.set(token, { cookie, user: `member-${index}`, ...data });
      await floorClient.set(`floor:${token}`, JSON.stringify({ user: `member-${index}`, ...data }));
    }
    const token = (index: number) => tokens[index % users] ?? "";
    return [
      { name: "ours", operate: (index) => sessions.verify(token(index)), close },
      {
        name: "connect-redis",
        operate: async (index) => {
          const session: unknown = await store.get(token(index));
          await store.touch(token(index), session);
        },
        close: () => peerClient.destroy(),
      },
      {
        name: "floor",
        operate: async (index) => {
          JSON.parse((await floorClient.get(`floor:${token(index)}`)) ?? "null");
          await floorClient.pexpire(`floor:${token(index)}`, idleMs);
        },
        close: () => floorClient.disconnect(),
      },
    ];
  },
};
