import { RedisUnavailable } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import type { ServerTime } from "./server-time.ts";

/** A flat reply as texts. */
export function textsOf(reply: RedisReply): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}

const clockTries = 3;

/**
 * Asks a script whose keys depend on the server's time, with the time we believe it has. When it answers that
 * it is another, that is learned and the script asked again.
 *
 * @throws {RedisUnavailable} when the server's clock never agrees with itself; nothing was changed then.
 */
export async function askAtServerTime(
  time: ServerTime,
  ask: (nowMs: number) => Promise<RedisReply>,
): Promise<string[]> {
  for (let tries = 0; tries < clockTries; tries += 1) {
    const [status, ...answer] = textsOf(await ask(time.nowMs()));
    if (status !== "clock") {
      return answer;
    }
    time.learn(Number(answer[0]));
  }
  throw clockKeepsJumping();
}

export function clockKeepsJumping(): RedisUnavailable {
  return new RedisUnavailable("the server's clock keeps jumping; nothing was changed");
}
