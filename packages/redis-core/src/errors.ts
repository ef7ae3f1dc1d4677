/** Base of every error this library throws. `code` is stable and meant for branching. */
export abstract class RedisCoreError extends Error {
  abstract readonly code: string;
}

/**
 * Redis could not be asked: the command was never sent, or the server refused it before running it
 * (loading, read-only, out of memory). Nothing has changed; calling again is safe.
 */
export class RedisUnavailable extends RedisCoreError {
  override readonly name = "RedisUnavailable";
  readonly code = "REDIS_UNAVAILABLE";
}

/**
 * The command was sent and no reply came: it may have run, or may yet run. Only calls that carry an
 * operation id or a natural token may be sent again.
 */
export class OutcomeUnknown extends RedisCoreError {
  override readonly name = "OutcomeUnknown";
  readonly code = "OUTCOME_UNKNOWN";
}

/** The caller's mistake: an argument out of range, an unsupported value, keys in different slots. */
export class Misuse extends RedisCoreError {
  override readonly name = "Misuse";
  readonly code = "MISUSE";
}

/**
 * This way of reaching Redis cannot do it, whatever the server: a subscription over HTTP. Nothing was sent.
 * The message names what to use instead.
 */
export class UnsupportedByTransport extends RedisCoreError {
  override readonly name = "UnsupportedByTransport";
  readonly code = "UNSUPPORTED_BY_TRANSPORT";
}

/** Redis ran the command and answered with an error, such as WRONGTYPE or NOPERM. */
export class RedisReplyError extends RedisCoreError {
  override readonly name = "RedisReplyError";
  readonly code = "REDIS_REPLY";
  /** First word of the reply, such as `WRONGTYPE`. */
  readonly reply: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.reply = message.split(" ", 1)[0] ?? "";
  }
}

/** Stored bytes that no version of the codec wrote. Readers treat them as absent and count them. */
export class DecodeError extends RedisCoreError {
  override readonly name = "DecodeError";
  readonly code = "DECODE";
}

/** True for the two errors that mean Redis is away, whatever became of the command. */
export function isOutage(error: unknown): error is RedisUnavailable | OutcomeUnknown {
  return error instanceof RedisUnavailable || error instanceof OutcomeUnknown;
}
