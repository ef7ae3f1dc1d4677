import { runOn } from "../context.ts";
import type { Board } from "./board.ts";
import type { MemberStanding } from "./leaderboard-types.ts";
import type { Period } from "./period.ts";
import { textsOf } from "./replies.ts";
import { parseScore } from "./score-text.ts";
import { standingsScript } from "./scripts.ts";

interface PlacedStanding<Meta> extends MemberStanding {
  readonly member: string;
  /** Entries before it (Infinity without a score), or members with a worse score where those were asked for. */
  readonly place: number;
  readonly metadata: Meta | undefined;
}

/** The standings of some members, of one moment. One round trip. */
export async function readStandings<Meta>(
  board: Board<Meta>,
  period: Period,
  members: readonly string[],
  want: "place" | "worse",
): Promise<{ readonly total: number; readonly standings: readonly PlacedStanding<Meta>[] }> {
  const { direction, rank: mode, metadata } = board;
  const [total, ...texts] = textsOf(
    await runOn(board.context, "state", standingsScript, {
      keys: board.keysOf(period.name),
      args: { direction, rank: mode, want },
      restKeys: board.addedKeysOf(period.name),
      restArgs: members,
    }),
  );
  const textsEach = metadata.isKept ? 4 : 3;
  const standings = members.map((member, index) => {
    const [score = "-", rank, place, meta = ""] = texts.slice(index * textsEach, (index + 1) * textsEach);
    return score === "-"
      ? { member, score: 0, rank: null, place: Number.POSITIVE_INFINITY, metadata: undefined }
      : {
          member,
          score: parseScore(score),
          rank: Number(rank),
          place: Number(place),
          metadata: metadata.read(meta),
        };
  });
  return { total: Number(total), standings };
}
