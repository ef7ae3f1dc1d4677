import { setImmediate as turn } from "node:timers/promises";
import { sessionQueries } from "@cardinal/db";
import type { Revocation, Session } from "@cardinal/redis-core/sessions";
import type { AppDeps, SessionData } from "../deps/app-deps.ts";
import { SessionExpired } from "../errors/domain-errors.ts";

const CHECK_EVERY_MS = 4_000;
/** Revocations are looked for this far back: a transaction may commit after a check that has its time. */
const LOOK_BACK_MS = 30_000;
/** An open stream is use: its session is verified, hence touched, this often. */
const TOUCH_EVERY_MS = 60_000;
const MOST_REVOKED = 10_000;
const VERIFIED_TOGETHER = 25;

interface Member {
  readonly userId: string;
  readonly token: string;
  readonly session: Session<SessionData>;
}

interface Watched {
  readonly member: Member;
  expiresAtMs: number;
  verifyAtMs: number;
  readonly cuts: Set<(why: Error) => void>;
}

type SessionWatchDeps = Pick<AppDeps, "db" | "sessions" | "log" | "now">;

/**
 * Ends the streams of sessions that end: at once by the revocation's message, within 4 s by the durable record when
 * the message was lost or Redis is away, and at the session's expiry. One query per check, whatever the number of
 * streams; one verification a minute per session, which keeps a session in use alive.
 */
export class SessionWatch {
  readonly #deps: SessionWatchDeps;
  readonly #watched = new Map<string, Watched>();
  #stopListening: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(deps: SessionWatchDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return [...this.#watched.values()].reduce((sum, { cuts }) => sum + cuts.size, 0);
  }

  /** Calls `cut` when the member's session has ended. Returns what stops the watch. */
  watch(member: Member, cut: (why: Error) => void): () => void {
    this.#begin();
    const { id, expiresAtMs } = member.session;
    let watched = this.#watched.get(id);
    if (!watched) {
      watched = { member, expiresAtMs, verifyAtMs: this.#deps.now() + touchDelay(), cuts: new Set() };
      this.#watched.set(id, watched);
    }
    const { cuts } = watched;
    cuts.add(cut);
    return () => {
      cuts.delete(cut);
      if (cuts.size === 0 && this.#watched.get(id)?.cuts === cuts) {
        this.#watched.delete(id);
      }
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
    this.#watched.clear();
  }

  #begin(): void {
    if (this.#stopListening || this.#isClosed) {
      return;
    }
    const stop = this.#deps.sessions.onRevoked((revocation) => this.#onRevoked(revocation), {
      onGap: () => void this.#verify([...this.#watched.values()]),
    });
    stop.ready.catch(() => {
      // The durable record is looked at anyway.
    });
    this.#stopListening = stop;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isClosed) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#check()
        .catch((error: unknown) => this.#deps.log.warn({ err: error }, "live: sessions could not be checked"))
        .finally(() => this.#schedule());
    }, CHECK_EVERY_MS * (0.9 + Math.random() * 0.1)); // jitter
    this.#timer.unref();
  }

  async #check(): Promise<void> {
    if (this.#watched.size === 0) {
      return;
    }
    const nowMs = this.#deps.now();
    const revoked = await this.#deps.db.read((tx) =>
      sessionQueries.listRevokedSince(tx, nowMs - LOOK_BACK_MS, MOST_REVOKED),
    );
    for (const { id } of revoked) {
      this.#end(id);
    }
    const due = [...this.#watched.values()].filter(
      ({ expiresAtMs, verifyAtMs }) => expiresAtMs <= nowMs || verifyAtMs <= nowMs,
    );
    await this.#verify(due);
  }

  /** A few at a time, so that what else the process has to do does not wait behind all of them. */
  async #verify(due: readonly Watched[]): Promise<void> {
    for (let from = 0; from < due.length; from += VERIFIED_TOGETHER) {
      await Promise.all(due.slice(from, from + VERIFIED_TOGETHER).map((watched) => this.#verifyOne(watched)));
      await turn();
    }
  }

  async #verifyOne(watched: Watched): Promise<void> {
    try {
      const session = await this.#deps.sessions.verify(watched.member.token);
      if (session === null) {
        this.#end(watched.member.session.id);
        return;
      }
      watched.expiresAtMs = session.expiresAtMs;
      watched.verifyAtMs = this.#deps.now() + touchDelay();
    } catch (error) {
      // Nobody can say now; the next check asks again.
      this.#deps.log.debug({ err: error }, "live: a session could not be verified");
    }
  }

  #onRevoked(revocation: Revocation): void {
    for (const [id, { member }] of this.#watched) {
      const isMeant =
        member.userId === revocation.userId &&
        (revocation.kind === "all" ||
          (revocation.kind === "some" ? revocation.ids.includes(id) : revocation.keptId !== id));
      if (isMeant) {
        this.#end(id);
      }
    }
  }

  #end(id: string): void {
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    for (const cut of watched?.cuts ?? []) {
      cut(new SessionExpired());
    }
  }
}

function touchDelay(): number {
  return TOUCH_EVERY_MS * (0.8 + Math.random() * 0.2); // jitter
}
