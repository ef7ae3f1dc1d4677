import { OutcomeUnknown, RedisCoreError, RedisUnavailable } from "../errors.ts";
import { toReplyError } from "../reply-error.ts";

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
    return toReplyError(message, what, { cause: error });
  }
  return sent
    ? new OutcomeUnknown(`${what}: sent, but no reply came: ${message}`, { cause: error })
    : new RedisUnavailable(`${what}: not sent: ${message}`, { cause: error });
}
