import { OutcomeUnknown, RedisCoreError, RedisReplyError, RedisUnavailable } from "../errors.ts";

/** Replies with which the server refuses a command before running any of it. */
const refusals =
  /^(LOADING|READONLY|OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|TRYAGAIN|BUSY|NOAUTH|WRONGPASS)\b/;

/**
 * Sorts what ioredis rejects with. A reply from the server is one of its own errors; anything else is the
 * connection's, and then it matters only whether the command had been sent.
 */
export function toCoreError(error: unknown, sent: boolean, what: string): RedisCoreError {
  if (error instanceof RedisCoreError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === "ReplyError") {
    return refusals.test(message)
      ? new RedisUnavailable(`${what}: refused by Redis: ${message}`, { cause: error })
      : new RedisReplyError(message, { cause: error });
  }
  return sent
    ? new OutcomeUnknown(`${what}: sent, but no reply came: ${message}`, { cause: error })
    : new RedisUnavailable(`${what}: not sent: ${message}`, { cause: error });
}

/** A script that failed half-way leaves the writes it had made: a refusal inside it is not a clean one. */
export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
