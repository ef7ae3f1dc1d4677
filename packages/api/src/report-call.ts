import type { TRPCError } from "@trpc/server";
import type { RequestContext } from "./context/request-context.ts";
import { reasonOf } from "./errors/format-error.ts";
import { toTrpcError } from "./errors/to-trpc-error.ts";

interface FinishedCall {
  readonly path: string;
  readonly type: string;
  readonly error: TRPCError | null;
  /** By `performance.now()`. */
  readonly startedAt: number;
}

/** One log line and one figure for a call. Refusals are information; only our own failures are errors. */
export function reportCall(request: RequestContext, { path, type, error, startedAt }: FinishedCall): void {
  const milliseconds = performance.now() - startedAt;
  const failure = error === null ? null : toTrpcError(error);
  const code = failure?.code ?? "OK";
  request.deps.telemetry.procedureFinished({ path, type, code, seconds: milliseconds / 1_000 });

  request.source.onCallLogged?.();
  const fields = {
    requestId: request.requestId,
    procedure: path,
    type,
    code,
    durationMs: Math.round(milliseconds * 10) / 10,
    transport: request.source.transport,
  };
  if (failure === null) {
    request.deps.log.info(fields, "procedure");
    return;
  }
  const reason = reasonOf(failure);
  if (reason === "INTERNAL") {
    request.deps.log.error({ ...fields, reason, err: failure.cause ?? failure }, "procedure failed");
  } else {
    request.deps.log.info({ ...fields, reason }, "procedure refused");
  }
}
