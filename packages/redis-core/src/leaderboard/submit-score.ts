import { runOn } from "../context.ts";
import { Misuse, RedisUnavailable } from "../errors.ts";
import { type Board, checkMember } from "./board.ts";
import type { PeriodKind, Standing, SubmitOptions, SubmitResult } from "./leaderboard-types.ts";
import { type Period, periodAt } from "./period.ts";
import { standingAt, textsOf } from "./replies.ts";
import { formatScore } from "./score-text.ts";
import { submitScript } from "./scripts.ts";

const operationTtlMs = 86_400_000;
/** Times that a submit looks for the server's day again. */
const clockTries = 2;

/** See `Leaderboard.submit`. One round trip; one more when this process had the wrong day. */
export async function submitScore<Meta>(
  board: Board<Meta>,
  member: string,
  score: number,
  options: SubmitOptions<Meta>,
): Promise<SubmitResult> {
  checkMember(member);
  if (board.update === "increment" && !Number.isFinite(score)) {
    throw new Misuse(`only finite amounts can be added, got ${score}`);
  }
  const text = formatScore(score);
  const metadata = board.metadata.write(options.metadata);
  for (let tries = 0; tries <= clockTries; tries += 1) {
    const periods = periodsOf(board, options);
    const texts = await write(board, periods, { member, score: text, metadata }, options);
    if (texts[0] === "reused") {
      throw new Misuse(`the operation id ${options.operationId} was used for another submit`);
    }
    if (texts[0] !== "clock") {
      return resultOf(texts);
    }
    board.noteServerTime(Number(texts[1]));
  }
  throw new RedisUnavailable("the server's clock keeps jumping; nothing was written");
}

function periodsOf<Meta>({ kinds, name, nowMs }: Board<Meta>, { season, atMs }: SubmitOptions<Meta>): Period[] {
  const periods: Period[] = [];
  for (const kind of kinds) {
    if (kind !== "season" || season !== undefined) {
      periods.push(periodAt(kind, atMs ?? nowMs(), season));
    }
  }
  if (periods.length === 0) {
    throw new Misuse(`the board ${name} has only the period season, and no season was given`);
  }
  return periods;
}

async function write<Meta>(
  board: Board<Meta>,
  periods: readonly Period[],
  { member, score, metadata }: { readonly member: string; readonly score: string; readonly metadata: string },
  { operationId, atMs }: SubmitOptions<Meta>,
): Promise<string[]> {
  const { context, name, update, direction, rank, maxMembers, lateMs } = board;
  const keys = context.keys.leaderboard;
  const restKeys: string[] = [];
  const restArgs: (string | number)[] = [];
  for (const period of periods) {
    const { order, places } = board.keysOf(period.name);
    restKeys.push(order, places, ...board.addedKeysOf(period.name));
    const isNow = atMs === undefined && period.kind !== "season";
    restArgs.push(
      JSON.stringify(period.name),
      period.startsAtMs,
      period.endsAtMs === 0 ? 0 : period.endsAtMs + (isNow ? 0 : lateMs),
      board.expiryOf(period),
      isNow ? 1 : 0,
    );
  }
  const events = keys.events(name);
  const kinds = periods.map(({ kind }) => kind);
  const reply = await runOn(
    context,
    "state",
    submitScript,
    {
      keys: { events, operation: operationId === undefined ? events : keys.operation(name, operationId) },
      args: {
        member,
        score,
        update,
        direction,
        rank,
        max_members: maxMembers,
        metadata,
        operation_ttl: operationId === undefined ? 0 : operationTtlMs,
        main: mainOf(kinds) + 1,
        kinds: kinds.join(","),
      },
      restKeys,
      restArgs,
    },
    { resend: operationId === undefined ? "never" : "once" },
  );
  return textsOf(reply);
}

/** Which of the periods written is the result's own: `all`, else the first. */
function mainOf(kinds: readonly string[]): number {
  return Math.max(0, kinds.indexOf("all"));
}

/** Texts of a period in the reply: open or closed, then its standing. */
const textsEach = 5;

/** The periods are those the reply names: a repeated operation may be asked for with others than it was first. */
function resultOf([, kindTexts = "", ...texts]: readonly string[]): SubmitResult {
  const kinds = kindTexts.split(",") as PeriodKind[];
  const standings: Partial<Record<PeriodKind, Standing>> = {};
  const closed: PeriodKind[] = [];
  for (const [index, kind] of kinds.entries()) {
    const at = index * textsEach;
    standings[kind] = standingAt(texts, at + 1);
    if (texts[at] === "closed") {
      closed.push(kind);
    }
  }
  const main = mainOf(kinds) * textsEach;
  const before = Number(texts[main + 3]);
  return {
    ...standingAt(texts, main + 1),
    previousRank: before === 0 ? null : before,
    periods: standings,
    closed,
  };
}
