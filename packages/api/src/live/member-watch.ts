import { roomQueries, sanctionQueries } from "@cardinal/db";
import type { ChannelSubscription } from "@cardinal/redis-core/channel";
import type { AppDeps } from "../deps/app-deps.ts";
import type { Control } from "../deps/doorbells.ts";
import { type DomainError, NotAMember } from "../errors/domain-errors.ts";
import { Banned } from "../errors/moderation-errors.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import { PeriodicCheck } from "./periodic-check.ts";

const CHECK_EVERY_MS = 5_000;

type Cut = (why: DomainError) => void;
type MemberWatchDeps = Pick<AppDeps, "db" | "doorbells" | "log" | "now">;

/**
 * Ends the streams of a room for members who are out of it: at once by the control doorbell, within 6 s by the database
 * when that was lost or Redis is away. A doorbell only says where to look: membership is read before anything is cut,
 * so that an old message never ends the stream of somebody who came back. One query a check, whatever the number of
 * streams.
 */
export class MemberWatch {
  readonly #deps: MemberWatchDeps;
  /** Streams by room and member. */
  readonly #rooms = new Map<string, Map<string, Set<Cut>>>();
  /** What wants to know that a room is kept in another way, by member. */
  readonly #listeners = new Map<string, Set<() => void>>();
  #subscribing: Promise<ChannelSubscription> | undefined;
  readonly #check: PeriodicCheck;
  #isClosed = false;

  constructor(deps: MemberWatchDeps, checkEveryMs = CHECK_EVERY_MS) {
    this.#deps = deps;
    this.#check = new PeriodicCheck({
      what: "memberships",
      everyMs: () => checkEveryMs,
      check: () => {
        this.#subscribing ??= this.#subscribe();
        return this.#checkAll();
      },
      isNeeded: () => this.#rooms.size > 0,
      log: deps.log,
    });
  }

  /** How many streams are watched. */
  get size(): number {
    return [...this.#rooms.values()].flatMap((members) => [...members.values()]).reduce((sum, { size }) => sum + size, 0);
  }

  /** Calls `cut` when the member is out of the room. Returns what stops the watch. */
  watch(roomId: string, userId: string, cut: Cut): () => void {
    this.#begin();
    const members = this.#rooms.get(roomId) ?? new Map<string, Set<Cut>>();
    const cuts = members.get(userId) ?? new Set();
    this.#rooms.set(roomId, members.set(userId, cuts.add(cut)));
    return () => {
      cuts.delete(cut);
      if (cuts.size === 0 && members.get(userId) === cuts) {
        members.delete(userId);
      }
      if (members.size === 0 && this.#rooms.get(roomId) === members) {
        this.#rooms.delete(roomId);
      }
    };
  }

  /** Calls `hear` when a room that the member has open here is kept in another way. Returns what ends that. */
  listen(userId: string, hear: () => void): () => void {
    const listeners = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, listeners.add(hear));
    return () => {
      listeners.delete(hear);
      if (listeners.size === 0 && this.#listeners.get(userId) === listeners) {
        this.#listeners.delete(userId);
      }
    };
  }

  /** Looks now whether the member may still have what he has open of a room. */
  async verify(roomId: string, userIds: readonly string[]): Promise<void> {
    await this.#cutStrangers([[roomId, userIds]]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#check.close();
    await this.#subscribing?.then((subscription) => subscription.close()).catch(() => undefined);
  }

  #begin(): void {
    if (this.#isClosed) {
      return;
    }
    this.#subscribing ??= this.#subscribe();
    this.#check.begin();
  }

  #subscribe(): Promise<ChannelSubscription> {
    const onGap = () => {
      this.#inBackground(this.#checkAll());
      this.#listeners.forEach((listeners) => listeners.forEach((hear) => hear()));
    };
    const subscribing = this.#deps.doorbells.control().subscribe((control) => this.#hear(control), { onGap });
    subscribing.catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, "live: no control doorbell; memberships are looked at");
      // The next stream, or check, tries again.
      this.#subscribing = undefined;
    });
    return subscribing;
  }

  #hear(control: Control): void {
    const members = this.#rooms.get(control.roomId);
    if (members === undefined) {
      return;
    }
    if (control.about === "member") {
      if (members.has(control.userId)) {
        this.#inBackground(this.verify(control.roomId, [control.userId]));
      }
      return;
    }
    for (const userId of members.keys()) {
      this.#listeners.get(userId)?.forEach((hear) => hear());
    }
  }

  #checkAll(): Promise<void> {
    return this.#cutStrangers([...this.#rooms].map(([roomId, members]) => [roomId, [...members.keys()]]));
  }

  async #cutStrangers(open: readonly (readonly [roomId: string, userIds: readonly string[]])[]): Promise<void> {
    if (open.length === 0) {
      return;
    }
    const nowMs = this.#deps.now();
    const out = await this.#deps.db.read((tx) =>
      open.flatMap(([roomId, userIds]) => {
        const members = new Set(roomQueries.listMembersAmong(tx, roomId, userIds));
        return userIds
          .filter((userId) => !members.has(userId))
          .map((userId) => {
            const ban = sanctionQueries.findStanding(tx, { userId, roomId, kind: "ban" }, nowMs);
            return { roomId, userId, ban };
          });
      }),
    );
    for (const { roomId, userId, ban } of out) {
      const why = ban === undefined ? new NotAMember() : new Banned({ untilMs: ban.expiresAtMs, why: ban.reason });
      this.#rooms.get(roomId)?.get(userId)?.forEach((cut) => cut(why));
    }
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#deps.log.warn({ err: error }, "live: a membership could not be checked"));
  }
}

/**
 * Opens a stream of a room that ends when its member is out of the room, with `NOT_A_MEMBER` or `BANNED`.
 *
 * @param sink where the stream's frames go: it is ended.
 * @param open is told, when asked, whether the member is out.
 */
export async function whileMember(
  watch: MemberWatch,
  { roomId, userId }: { roomId: string; userId: string },
  sink: Pick<FrameSink<never>, "end">,
  open: (isOut: () => boolean) => Promise<Feed>,
): Promise<Feed> {
  let isOut = false;
  const unwatch = watch.watch(roomId, userId, (why) => {
    isOut = true;
    sink.end(why);
  });
  try {
    // Who was put out between the call's own check and this watch was heard by nobody.
    await watch.verify(roomId, [userId]);
    const feed = await open(() => isOut);
    return {
      resume: () => feed.resume(),
      stop() {
        unwatch();
        feed.stop();
      },
    };
  } catch (error) {
    unwatch();
    throw error;
  }
}
