import { ErrorReply } from "redis";
import { OutcomeUnknown, type RedisCoreError, RedisUnavailable } from "../errors.ts";
import type { RedisArgument, RedisReply } from "../port.ts";
import { toReplyError } from "../reply-error.ts";
import { type CallLimits, raceDeadline, sendWithin } from "../send-within.ts";
import type { NodeRedisClient } from "./node-redis-port.ts";
import { trackArguments } from "./tracked-arguments.ts";

/** Sends one command and settles within its deadline, whatever happens to the connection. */
export function sendCommand(
  client: NodeRedisClient,
  command: readonly RedisArgument[],
  limits: CallLimits,
  what: string,
): Promise<RedisReply> {
  return sendWithin(limits, (each) => sendOnce(client, command, each, what));
}

async function sendOnce(
  client: NodeRedisClient,
  command: readonly RedisArgument[],
  limits: CallLimits,
  what: string,
): Promise<RedisReply> {
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

function toCoreError(error: unknown, isSent: boolean, what: string): RedisCoreError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ErrorReply) {
    return toReplyError(message, what, { cause: error });
  }
  return isSent
    ? new OutcomeUnknown(`${what}: sent, but no reply came: ${message}`, { cause: error })
    : new RedisUnavailable(`${what}: not sent: ${message}`, { cause: error });
}

/** RESP 2 has nothing else; an error within a list (of EXEC) is the caller's to find as text. */
function toReply(value: unknown): RedisReply {
  if (typeof value === "string" || typeof value === "number" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(toReply);
  }
  return value instanceof Error ? value.message : null;
}
