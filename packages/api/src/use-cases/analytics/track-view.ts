import { isOutage } from "@cardinal/redis-core";
import { describeRequest } from "@cardinal/redis-core/analytics/request";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { TrackOutcome } from "../../routers/analytics/schemas.ts";

interface TrackViewInput {
  readonly path: string;
  readonly referrer?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly viewId: string;
  /** Null for a visitor who is not signed in: he is known by address and user agent, for the day. */
  readonly memberId: string | null;
  readonly address: string;
  readonly userAgent: string;
  readonly header: (name: string) => string | undefined;
}

/** Counts one look at a page. Without Redis it is lost, which is no error to whoever looked. */
export async function trackView(
  deps: Pick<AppDeps, "analytics" | "config" | "log">,
  input: TrackViewInput,
): Promise<TrackOutcome> {
  const { allowedOrigins, countryHeader } = deps.config;
  const details = describeRequest(input, {
    ownHosts: allowedOrigins.map((origin) => new URL(origin).hostname),
    ...(countryHeader === null ? {} : { countryHeader }),
  });
  try {
    return await deps.analytics.track({
      ...details,
      path: input.path.replace(/[?#].*$/s, ""),
      visitor:
        input.memberId === null
          ? { address: input.address, userAgent: input.userAgent }
          : { member: input.memberId },
      id: input.viewId,
    });
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    deps.log.warn({ err: error }, "a page view was lost");
    return "lost";
  }
}
