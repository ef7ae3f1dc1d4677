import type { AppRouter } from "@cardinal/api";
import type { TRPCLink } from "@trpc/client";

/**
 * `useInfiniteQuery` of the hooks adds which way it pages (`direction`) to every input. The API's inputs are
 * strict and page one way, so it is taken out again here.
 */
export const infiniteQueryLink: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    const input: unknown = op.input;
    if (op.type !== "query" || typeof input !== "object" || input === null || !("direction" in input)) {
      return next(op);
    }
    const { direction: _direction, ...rest } = input;
    return next({ ...op, input: rest });
  };
