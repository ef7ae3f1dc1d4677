import { notificationQueries, reportQueries } from "@cardinal/db";
import type { ChannelSubscription } from "@cardinal/redis-core/channel";
import type { AppDeps } from "../deps/app-deps.ts";
import type { InboxOnEventFrame } from "../routers/inbox/schemas.ts";
import { readInbox } from "../use-cases/inbox/list-inbox.ts";
import { countReportsFor } from "../use-cases/moderation/list-reports.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import type { MemberWatch } from "./member-watch.ts";
import { StateFeed } from "./state-feed.ts";
import type { TopicRegistry } from "./topic-registry.ts";

const FRAME_EVERY_MS = 250;

export type InboxTopicDeps = Pick<AppDeps, "db" | "doorbells" | "log" | "now">;

/**
 * One member's inbox in this process, however many pages of his are open here. The database is the truth, the message
 * only says that it is time to look.
 */
export class InboxTopic {
  readonly userId: string;
  readonly #deps: InboxTopicDeps;
  readonly #wakes = new Set<() => void>();
  readonly #subscribing: Promise<ChannelSubscription>;
  /** Begins at the time, so that who comes from another process, and may have missed something, sees another one. */
  #revision: number;
  #frame: Promise<InboxOnEventFrame> | undefined;
  /** What the lines were like when they were read. */
  #mark: string | undefined;
  /** What the reports were like, for a member who sees some. */
  #reportsMark: string | undefined;
  readonly #unlisten: () => void;

  constructor(deps: InboxTopicDeps, members: MemberWatch, userId: string) {
    this.#unlisten = members.listen(userId, () => this.#hear("rooms"));
    this.userId = userId;
    this.#deps = deps;
    this.#revision = deps.now();
    this.#subscribing = deps.doorbells.inbox(userId).subscribe((about) => this.#hear(about), {
      onGap: () => this.#hear("rooms"),
    });
    this.#subscribing.then(
      () => this.#hear("inbox"),
      (error: unknown) => deps.log.warn({ err: error }, "live: no word of this inbox; it is looked at"),
    );
  }

  follow(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  /** How it stands: one reading and one object for all who ask between two changes. */
  read(): Promise<InboxOnEventFrame> {
    if (this.#frame === undefined) {
      const reading = this.#read();
      this.#frame = reading;
      reading.catch(() => {
        this.#frame = undefined;
      });
    }
    return this.#frame;
  }

  /** What the periodic check found of the member's lines, and of the site's reports. */
  check(mark: string | undefined, reportsMark: string): void {
    const hasOtherLines = this.#mark !== undefined && this.#mark !== (mark ?? "");
    const hasOtherReports = this.#reportsMark !== undefined && this.#reportsMark !== reportsMark;
    if (hasOtherLines || hasOtherReports) {
      this.#hear("inbox");
    }
  }

  async close(): Promise<void> {
    this.#unlisten();
    // Without Redis the acknowledgement may never come; nobody waits for it.
    void this.#subscribing.then((subscription) => subscription.close()).catch(() => undefined);
  }

  #hear(about: "inbox" | "rooms"): void {
    this.#revision += about === "rooms" ? 1 : 0;
    this.#frame = undefined;
    for (const wake of this.#wakes) {
      wake();
    }
  }

  async #read(): Promise<InboxOnEventFrame> {
    const { userId } = this;
    const revision = this.#revision;
    return await this.#deps.db.read((tx) => {
      this.#mark = notificationQueries.listMarks(tx, [userId]).get(userId) ?? "";
      const reports = countReportsFor(tx, userId);
      this.#reportsMark = reports === null ? undefined : reportQueries.mark(tx);
      return {
        unread: notificationQueries.countUnread(tx, userId),
        newest: readInbox(tx, { userId, limit: 1 })[0] ?? null,
        revision,
        reports,
      };
    });
  }
}

/** How a member's inbox stands, again after every change that shows; what happens in between is left out. */
export async function openInboxFeed(
  topics: TopicRegistry<InboxTopic>,
  userId: string,
  sink: FrameSink<InboxOnEventFrame>,
): Promise<Feed> {
  const { topic, release } = await topics.hold(userId);
  let shown = "";
  let count = 0;
  const feed = new StateFeed(sink, {
    everyMs: FRAME_EVERY_MS,
    async read() {
      const frame = await topic.read();
      const showing = JSON.stringify(frame);
      if (showing === shown) {
        return null;
      }
      shown = showing;
      count += 1;
      return { id: String(count), frame };
    },
    release() {
      unfollow();
      release();
    },
  });
  const unfollow = topic.follow(feed.wake);
  return feed;
}
