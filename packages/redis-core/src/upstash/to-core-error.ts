import { OutcomeUnknown, RedisCoreError, RedisUnavailable } from "../errors.ts";
import { toReplyError } from "../reply-error.ts";

/** Codes of Node's fetch for requests that never left. Other runtimes give none, and then it is unknown. */
const neverSent: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Upstash's own refusals, beside those of Redis. */
const gatewayRefusals = /^(Unauthorized\b|ERR max (daily )?requests? limit exceeded)/;

/**
 * Sorts what the Upstash client rejects with: an error reply, whose message it follows with the whole
 * command (values must not reach a log, so that part is cut), or a request that failed.
 */
export function toCoreError(error: unknown, body: unknown, what: string): RedisCoreError {
  if (error instanceof RedisCoreError) {
    return error;
  }
  if (error instanceof Error && error.name === "UpstashError" && error.message.includes(", command was: ")) {
    const command = `, command was: ${JSON.stringify(body)}`;
    const message = error.message.endsWith(command)
      ? error.message.slice(0, -command.length)
      : (error.message.split(", command was: ", 1)[0] ?? "");
    return toUpstashReplyError(message, what);
  }
  if (hasCode(error, neverSent)) {
    return new RedisUnavailable(`${what}: not sent: ${describe(error)}`, { cause: error });
  }
  return new OutcomeUnknown(`${what}: sent, but no reply came: ${describe(error)}`, { cause: error });
}

export function toUpstashReplyError(message: string, what: string): RedisCoreError {
  return gatewayRefusals.test(message)
    ? new RedisUnavailable(`${what}: refused by Upstash: ${message}`)
    : toReplyError(message, what);
}

/** Whether the error, its cause, or each of the errors it gathers (one for each address) has such a code. */
function hasCode(error: unknown, codes: ReadonlySet<unknown>): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  if ("code" in error && codes.has(error.code)) {
    return true;
  }
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.every((each) => hasCode(each, codes));
  }
  return hasCode(error.cause, codes);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
