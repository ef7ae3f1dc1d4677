import { RedisReplyError } from "../errors.ts";
import type { RedisPort } from "../port.ts";

/**
 * Asks every master. SPUBLISH to a channel without listeners is either done or belongs to another node, and
 * SSUBSCRIBE without arguments is wrong in a way that only a server that knows it can tell.
 *
 * @throws {RedisUnavailable} or {OutcomeUnknown} where a master does not answer.
 */
export async function knowsShardedPubSub(port: Pick<RedisPort, "eachMaster">): Promise<boolean> {
  const answers = await port.eachMaster(async (master) => {
    const publishes = await reactionTo(() => master.command("SPUBLISH", ["", ""]));
    const subscribes = await reactionTo(() => master.command("SSUBSCRIBE", []));
    return /^(done|MOVED|ASK)\b/.test(publishes) && /wrong number of arguments/i.test(subscribes);
  });
  return answers.length > 0 && answers.every(Boolean);
}

async function reactionTo(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return "done";
  } catch (error) {
    if (error instanceof RedisReplyError) {
      return error.message;
    }
    throw error;
  }
}
