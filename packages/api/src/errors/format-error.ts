import type { TRPCDefaultErrorShape, TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import type { RequestHandle } from "../context/request-handle.ts";
import { findRequest } from "../context/request-context.ts";
import { DomainError, RateLimited } from "./domain-errors.ts";
import type { ErrorData, InputIssue } from "./error-data.ts";
import { Sanctioned, SlowMode } from "./moderation-errors.ts";
import { type Reason, REASONS } from "./reasons.ts";
import { isDatabaseBusy } from "./to-trpc-error.ts";

interface FormatOptions {
  error: TRPCError;
  path: string | undefined;
  ctx: RequestHandle | undefined;
  shape: TRPCDefaultErrorShape;
}

/** The error as callers see it: no stack and no internal text in production, input faults in plain words. */
export function formatError({ error, path, ctx, shape }: FormatOptions): {
  message: string;
  code: TRPCDefaultErrorShape["code"];
  data: ErrorData;
} {
  const request = ctx === undefined ? undefined : findRequest(ctx);
  const isDevelopment = request?.deps.config.isProduction === false;
  const issues = error.cause instanceof ZodError ? readableIssues(error.cause) : null;
  const data: ErrorData = {
    code: shape.data.code,
    httpStatus: shape.data.httpStatus,
    path: path ?? null,
    reason: reasonOf(error),
    requestId: request?.requestId ?? null,
    rateLimit: error.cause instanceof RateLimited || error.cause instanceof SlowMode ? error.cause.rateLimit : null,
    sanction: error.cause instanceof Sanctioned ? error.cause.sanction : null,
    issues,
    stack: isDevelopment && error.code === "INTERNAL_SERVER_ERROR" ? (error.stack ?? null) : null,
  };
  return { message: messageOf(error, issues, isDevelopment), code: shape.code, data };
}

/** The stable reason of an error, whoever raised it. */
export function reasonOf(error: TRPCError): Reason {
  const { cause } = error;
  if (cause instanceof DomainError) {
    return cause.reason;
  }
  if (cause instanceof ZodError && error.code === "BAD_REQUEST") {
    return statedReason(cause) ?? "INVALID_INPUT";
  }
  if (isDatabaseBusy(cause)) {
    return "DATABASE_BUSY";
  }
  switch (error.code) {
    case "BAD_REQUEST":
    case "PARSE_ERROR":
      return "INVALID_INPUT";
    case "NOT_FOUND":
      return "PROCEDURE_NOT_FOUND";
    case "METHOD_NOT_SUPPORTED":
      return "METHOD_NOT_ALLOWED";
    case "PAYLOAD_TOO_LARGE":
      return "PAYLOAD_TOO_LARGE";
    case "UNSUPPORTED_MEDIA_TYPE":
      return "UNSUPPORTED_MEDIA_TYPE";
    default:
      return "INTERNAL";
  }
}

/** The reason a schema gave its refusal by `inputFault`. */
function statedReason(error: ZodError): Reason | undefined {
  for (const issue of error.issues) {
    const stated: unknown = issue.code === "custom" ? issue.params?.reason : undefined;
    const known = REASONS.find((reason) => reason === stated);
    if (known !== undefined) {
      return known;
    }
  }
  return undefined;
}

function readableIssues(error: ZodError): InputIssue[] {
  return error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join("."),
    message: issue.message,
  }));
}

function messageOf(error: TRPCError, issues: InputIssue[] | null, isDevelopment: boolean): string {
  if (error.code === "INTERNAL_SERVER_ERROR" && !isDevelopment) {
    return "Something went wrong on our side.";
  }
  if (issues !== null && error.code === "BAD_REQUEST") {
    return issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  }
  return error.message;
}
