import { runOn } from "../context.ts";
import { toPositiveMs } from "../duration.ts";
import { Misuse, RedisReplyError } from "../errors.ts";
import { LeasedLock, leaseToMs } from "../locks/leased-lock.ts";
import { randomHex } from "../random.ts";
import type { Board } from "./board.ts";
import type { BoardArchive, FinalizeOptions, FinalizeResult, FinalizeWork } from "./finalize-types.ts";
import type { PeriodSelector } from "./leaderboard-types.ts";
import type { Period } from "./period.ts";
import { rankEntries, textsOf } from "./replies.ts";
import { claimScript, settleScript } from "./scripts.ts";

/** See `Leaderboard.finalize`. */
export async function finalizePeriod<Meta>(
  board: Board<Meta>,
  selector: PeriodSelector,
  work: FinalizeWork<Meta>,
  { lease = "30s", maxHold = "10m" }: FinalizeOptions = {},
): Promise<FinalizeResult<Meta>> {
  const period = board.select(selector);
  if (period.endsAtMs === 0) {
    throw new Misuse("only a period whose end is known can be finalized: give the season, not its id alone");
  }
  const leaseMs = leaseToMs(lease);
  const holder = randomHex();
  const askedAt = performance.now();
  const [state, text = "", number = ""] = await claim(board, period, holder, leaseMs);
  switch (state) {
    case "claimed":
      break;
    case "done":
      return { state: "already", archive: toArchive(board, period.name, text) };
    case "busy":
      return { state: "busy", untilMs: Number(text) };
    case "open":
      return { state: "open", closesAtMs: Number(text) };
    case "gone":
      return { state: "gone" };
    default:
      throw new RedisReplyError(`UNEXPECTED ${claimScript.name} answered ${state}`);
  }
  const archive = toArchive(board, period.name, text);
  let outcome: "done" | "free" = "free";
  const free = () => settle(board, period, holder, outcome);
  const held = new LeasedLock(
    board.context,
    {
      name: `finalization of ${archive.id}`,
      epochNames: [],
      isShared: false,
      renew: async (_record, ms) => (await claim(board, period, holder, ms))[0] === "claimed",
      release: free,
      giveUp: async () => void (await free()),
    },
    { leaseMs, maxHoldMs: toPositiveMs(maxHold, "maxHold") },
    { holder, token: number, askedAt },
  );
  try {
    await work({ ...archive, claim: held.token, signal: held.signal });
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
  // Whoever holds the claim by now: the work is done.
  outcome = "done";
  await held.release();
  return { state: "finalized", archive };
}

/** See `Leaderboard.archive`. */
export async function readArchive<Meta>(
  board: Board<Meta>,
  selector: PeriodSelector,
): Promise<BoardArchive<Meta> | null> {
  const { name } = board.select(selector);
  const reply = await board.context.state.command("GET", [board.context.keys.leaderboard.archive(board.name, name)], []);
  return typeof reply === "string" ? toArchive(board, name, reply) : null;
}

async function claim<Meta>(
  board: Board<Meta>,
  period: Period,
  holder: string,
  leaseMs: number,
): Promise<string[]> {
  const { context, name, metadata } = board;
  const keys = context.keys.leaderboard;
  const reply = await runOn(
    context,
    "state",
    claimScript,
    {
      keys: {
        ...board.keysOf(period.name),
        final: keys.final(name, period.name),
        archive: keys.archive(name, period.name),
      },
      args: {
        holder,
        lease: leaseMs,
        closes: period.endsAtMs + board.lateMs,
        expiry: board.expiryOf(period),
        direction: board.direction,
        winners: board.archive.winners,
        keep: board.archive.keepMs,
      },
      restKeys: metadata.isKept ? [keys.metadata(name, period.name)] : [],
    },
    { resend: "once" },
  );
  return textsOf(reply);
}

async function settle<Meta>(
  { context, name }: Board<Meta>,
  period: Period,
  holder: string,
  outcome: "done" | "free",
): Promise<boolean> {
  const reply = await runOn(
    context,
    "state",
    settleScript,
    { keys: { final: context.keys.leaderboard.final(name, period.name) }, args: { holder, outcome } },
    { resend: "once" },
  );
  return reply === 1;
}

/** Reads `[closed at, total, place, score, metadata, place …]`. */
function toArchive<Meta>({ name, rank, metadata }: Board<Meta>, period: string, text: string): BoardArchive<Meta> {
  const [closedAtMs, total, ...kept] = textsOf(JSON.parse(text));
  const rows = kept.length / 3;
  const pairs = Array.from({ length: rows }, (_, row) => kept.slice(row * 3, row * 3 + 2)).flat();
  const winners = rankEntries(pairs, rank, { before: 0, rank: 1 }).map((entry, row) => ({
    ...entry,
    metadata: metadata.read(kept[row * 3 + 2] ?? ""),
  }));
  return { id: `${name}/${period}`, closedAtMs: Number(closedAtMs), total: Number(total), winners };
}
