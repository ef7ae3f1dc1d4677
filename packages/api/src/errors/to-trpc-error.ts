import { isOutage } from "@cardinal/redis-core";
import { TRPCError } from "@trpc/server";
import { DomainError, RedisAway } from "./domain-errors.ts";
import { errorCodes } from "./error-codes.ts";

/**
 * What a procedure or a stream throws to tRPC: domain errors get the code of the table, a Redis outage
 * becomes `SERVICE_UNAVAILABLE`, a busy database too, and everything else stays an internal error whose text
 * no caller sees. The original is the `cause`.
 */
export function toTrpcError(error: unknown): TRPCError {
  const origin = error instanceof TRPCError ? (error.cause ?? error) : error;
  if (origin instanceof DomainError) {
    return new TRPCError({ code: errorCodes[origin.reason], message: origin.message, cause: origin });
  }
  if (isOutage(origin)) {
    return toTrpcError(new RedisAway(origin));
  }
  if (isDatabaseBusy(origin)) {
    return new TRPCError({
      code: errorCodes.DATABASE_BUSY,
      message: "The database is busy. Try again shortly.",
      cause: origin,
    });
  }
  if (error instanceof TRPCError) {
    return error;
  }
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Something went wrong.", cause: error });
}

/** SQLite could not get the write lock in time: nothing was written. */
export function isDatabaseBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
