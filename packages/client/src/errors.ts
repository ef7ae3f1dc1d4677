import { TRPCClientError } from "@trpc/client";

/** How full a rate limit is, as the server told it with `TOO_MANY_REQUESTS`. */
export interface RateLimitInfo {
  readonly policy: string;
  readonly limit: number;
  readonly remaining: number;
  readonly retryAfterMs: number;
  readonly resetAtMs: number;
}

/** A measure against the caller, as the server told it with `MUTED`, `BANNED` and `SUSPENDED`. */
export interface SanctionInfo {
  /** When it ends, by the server's clock; null: when it is lifted. */
  readonly untilMs: number | null;
  readonly why: string;
}

/** What a program can branch on in a failed call. */
export interface CallFault {
  /** tRPC's code, or `UNREACHABLE` when no answer of the API arrived. */
  readonly code: string;
  /** The API's own stable code, such as `WRONG_CREDENTIALS`. */
  readonly reason: string | null;
  readonly message: string;
  readonly rateLimit: RateLimitInfo | null;
  readonly sanction: SanctionInfo | null;
  /** Names this call in the server's log. */
  readonly requestId: string | null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function readText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function readRateLimit(value: unknown): RateLimitInfo | null {
  if (!isRecord(value) || typeof value["retryAfterMs"] !== "number") return null;
  const number = (name: string) => (typeof value[name] === "number" ? value[name] : 0);
  return {
    policy: readText(value["policy"]) ?? "",
    limit: number("limit"),
    remaining: number("remaining"),
    retryAfterMs: value["retryAfterMs"],
    resetAtMs: number("resetAtMs"),
  };
}

function readSanction(value: unknown): SanctionInfo | null {
  if (!isRecord(value)) return null;
  const { untilMs, why } = value;
  return { untilMs: typeof untilMs === "number" ? untilMs : null, why: readText(why) ?? "" };
}

/** Reads anything thrown by a call of the client. Never throws itself. */
export function readFault(error: unknown): CallFault {
  const message = error instanceof Error ? error.message : String(error);
  const data: unknown = error instanceof TRPCClientError ? error.data : null;
  if (!isRecord(data))
    return { code: "UNREACHABLE", reason: null, message, rateLimit: null, sanction: null, requestId: null };
  return {
    code: readText(data["code"]) ?? "UNREACHABLE",
    reason: readText(data["reason"]),
    message,
    rateLimit: readRateLimit(data["rateLimit"]),
    sanction: readSanction(data["sanction"]),
    requestId: readText(data["requestId"]),
  };
}

const PASSING_CODES = new Set([
  "UNREACHABLE",
  "TOO_MANY_REQUESTS",
  "TIMEOUT",
  "CLIENT_CLOSED_REQUEST",
  "INTERNAL_SERVER_ERROR",
  "BAD_GATEWAY",
  "SERVICE_UNAVAILABLE",
  "GATEWAY_TIMEOUT",
]);

/** Whether the same call may well succeed later: no answer, an overload, an outage; no refusal. */
export function isPassing(fault: CallFault): boolean {
  return PASSING_CODES.has(fault.code);
}
