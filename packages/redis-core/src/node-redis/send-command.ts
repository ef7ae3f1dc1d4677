import { ErrorReply } from "redis";
import { OutcomeUnknown, type RedisCoreError, RedisUnavailable } from "../errors.ts";
import type { RedisArgument, RedisReply } from "../port.ts";
import { toReplyError } from "../reply-error.ts";
import { type CallLimits, raceDeadline } from "../send-within.ts";
import { type NodeRedisClient, toReply } from "./node-redis-client.ts";
import { trackArguments } from "./tracked-arguments.ts";

/** Sends one command once and settles within its deadline, whatever happens to the connection. */
export async function sendOnce(
  client: NodeRedisClient,
  command: readonly RedisArgument[],
  limits: CallLimits,
  what: string,
): Promise<RedisReply> {
  limits.signal?.throwIfAborted();
  // Its offline queue would hold the command back and send it when nobody waits any more.
  if (!client.isReady) {
    throw new RedisUnavailable(`${what}: not sent: not connected`);
  }
  const tracked = trackArguments(command.map(String));
  const leaving = new AbortController();
  const toError = (error: unknown) => toCoreError(error, tracked.isSent(), what);
  const replying = client
    .sendCommand(tracked.words, { abortSignal: leaving.signal, timeout: 0 })
    .then(toReply, (error: unknown) => {
      throw toError(error);
    });
  tracked.queued();
  return await raceDeadline(replying, limits, (reason) => {
    // Takes it out of the queue if it is still there; what was written stays written.
    leaving.abort();
    return toError(new Error(reason));
  });
}

export function toCoreError(error: unknown, isSent: boolean, what: string): RedisCoreError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ErrorReply) {
    return toReplyError(message, what, { cause: error });
  }
  return isSent
    ? new OutcomeUnknown(`${what}: sent, but no reply came: ${message}`, { cause: error })
    : new RedisUnavailable(`${what}: not sent: ${message}`, { cause: error });
}
