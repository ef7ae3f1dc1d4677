import { isOutage } from "@cardinal/redis-core";
import { describeRequest } from "@cardinal/redis-core/analytics/request";
import type { AppDeps } from "../../deps/app-deps.ts";
import { PostNotFound } from "../../errors/domain-errors.ts";
import type { TrackOutcome } from "../../routers/analytics/schemas.ts";
import { getPost } from "../post/get-post.ts";

/** Where the web app shows a post. */
const POST_PATH = /^\/blog\/([a-z0-9][a-z0-9-]{0,119})$/;

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
  deps: Pick<AppDeps, "analytics" | "caches" | "config" | "counters" | "db" | "log">,
  input: TrackViewInput,
): Promise<TrackOutcome> {
  const { allowedOrigins, countryHeader } = deps.config;
  const details = describeRequest(input, {
    ownHosts: allowedOrigins.map((origin) => new URL(origin).hostname),
    ...(countryHeader === null ? {} : { countryHeader }),
  });
  try {
    const path = input.path.replace(/[?#].*$/s, "");
    const outcome = await deps.analytics.track({
      ...details,
      path,
      visitor:
        input.memberId === null
          ? { address: input.address, userAgent: input.userAgent }
          : { member: input.memberId },
      id: input.viewId,
    });
    if (outcome === "counted") {
      deps.counters.ring(deps.counters.visitorsNow);
      await countReader(deps, path, input.memberId);
    }
    return outcome;
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    deps.log.warn({ err: error }, "a page view was lost");
    return "lost";
  }
}

/** A look at a post by a member counts for the post too. What is no post is counted by nobody. */
async function countReader(
  deps: Pick<AppDeps, "counters" | "db" | "caches">,
  path: string,
  memberId: string | null,
): Promise<void> {
  const slug = POST_PATH.exec(path)?.[1];
  if (slug === undefined || memberId === null) {
    return;
  }
  try {
    await getPost(deps, slug);
  } catch (error) {
    if (error instanceof PostNotFound) {
      return;
    }
    throw error;
  }
  await deps.counters.countPostView(slug, memberId);
}
