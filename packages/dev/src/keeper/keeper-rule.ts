/** Names that connections give themselves, so that the keeper can tell them apart (CLIENT LIST). */
export const clientNames = {
  keeper: "cardinal-keeper",
  /** The `dev` task: as long as it is connected, Redis is needed. */
  dev: "cardinal-dev",
  prepare: "cardinal-prepare",
} as const;

/**
 * The channel on which a new run tells the keeper that it is coming, and a leaving one that it is leaving.
 */
export const keeperChannel = "cardinal-keeper";

export type KeeperMessage = { kind: "expect"; runPid: number } | { kind: "leave" };

const neverSeenMs = 120_000;
const othersMs = 30_000;
/** A reconnecting client is away for less than this. */
const blinkMs = 1500;

/**
 * Decides when the development Redis may stop. It waits for the `cardinal-dev` client, 120 s at most; once
 * that one was seen and is gone, it waits for the last other client to leave, 30 s at most. A new run starts
 * the wait for `cardinal-dev` afresh. Times are those of a monotonic clock.
 */
export class KeeperRule {
  #expectedAtMs: number;
  #goneAtMs: number | undefined;
  #seen = false;
  #leaving = false;

  constructor(nowMs: number) {
    this.#expectedAtMs = nowMs;
  }

  /** A run announced itself. */
  expect(nowMs: number): void {
    this.#expectedAtMs = nowMs;
    this.#goneAtMs = undefined;
    this.#seen = false;
    this.#leaving = false;
  }

  /** The run is ending by itself, perhaps before its client came: nothing to wait for but the others. */
  leave(): void {
    this.#leaving = true;
    this.#seen = true;
  }

  /** Given the names of all connected clients, whether Redis may stop now, and why. */
  decide(
    nowMs: number,
    clients: readonly string[],
  ): "stay" | "nobody came" | "all left" | "waited long enough" {
    const isDevHere = clients.includes(clientNames.dev);
    if (isDevHere) {
      this.#seen = true;
      this.#goneAtMs = undefined;
      return "stay";
    }
    if (!this.#seen) return nowMs - this.#expectedAtMs >= neverSeenMs ? "nobody came" : "stay";
    this.#goneAtMs ??= nowMs;
    const goneMs = nowMs - this.#goneAtMs;
    const others = clients.filter((name) => name !== clientNames.keeper);
    if (others.length === 0 && (this.#leaving || goneMs >= blinkMs)) return "all left";
    return goneMs >= othersMs ? "waited long enough" : "stay";
  }
}

/** The names in a CLIENT LIST reply, an empty one for a client that gave itself none. */
export function parseClientNames(reply: string): string[] {
  return reply
    .split("\n")
    .filter((line) => line.includes("id="))
    .map((line) => / name=(\S*)/.exec(line)?.[1] ?? "");
}
