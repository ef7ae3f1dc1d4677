import { type CoreContext, runOn } from "../context.ts";
import { Misuse } from "../errors.ts";
import { createBoard } from "./board.ts";
import { finalizePeriod, readArchive } from "./finalize.ts";
import { readHistogram } from "./histogram.ts";
import type { Leaderboard, LeaderboardChange, LeaderboardOptions } from "./leaderboard-types.ts";
import { decodeCursor, encodeCursor, type PageCursor } from "./page-cursor.ts";
import { readRange, readTop } from "./read-range.ts";
import { readStandings } from "./read-standings.ts";
import { rebuildPeriod } from "./rebuild.ts";
import { formatScore } from "./score-text.ts";
import { removeScript } from "./scripts.ts";
import { submitScore } from "./submit-score.ts";

const mostEntries = 1_000;
const mostMembers = 5_000;

/**
 * See `Leaderboard`. Without Redis every call throws; nothing here decides what a board that is away means.
 *
 * @example
 * const arena = core.leaderboard("arena", { update: "increment", periods: ["day", "all"] });
 * const { rank } = await arena.submit("ada", 10, { operationId: crypto.randomUUID() });
 * const best = await arena.top(10, { period: "day" });
 */
export function createLeaderboard<Meta = undefined>(
  context: CoreContext,
  name: string,
  options: LeaderboardOptions<Meta>,
): Leaderboard<Meta> {
  const board = createBoard(context, name, options);
  const { select } = board;
  const events = context.keys.leaderboard.events(name);

  return {
    submit: (member, score, submitOptions = {}) => submitScore(board, member, score, submitOptions),

    async top(n, selector) {
      return await readTop(board, select(selector), upTo(n, mostEntries, "n"));
    },

    async around(member, radius, selector) {
      const count = upTo(radius, mostEntries, "radius");
      return (await readRange(board, select(selector), { from: "around", at: member, count })).entries;
    },

    async get(member, selector) {
      const { standings } = await readStandings(board, select(selector), [member], "place");
      const [found] = standings;
      return found
        ? { score: found.score, rank: found.rank, ...(board.metadata.isKept && { metadata: found.metadata }) }
        : { score: 0, rank: null };
    },

    async among(members, selector) {
      upTo(members.length, mostMembers, "number of members");
      const { standings } = await readStandings(board, select(selector), [...new Set(members)], "place");
      return standings
        .toSorted((a, b) => a.place - b.place)
        .map(({ member, score, rank, metadata }) => ({
          member,
          score,
          rank,
          ...(board.metadata.isKept && { metadata }),
        }));
    },

    async page({ cursor, before, limit = 50, ...selector } = {}) {
      const count = upTo(limit, mostEntries, "limit");
      if (cursor != null && before != null) {
        throw new Misuse("a page is after a cursor or before one, not both");
      }
      const period = select(selector);
      const place = cursor ?? before;
      const found =
        place == null
          ? await readRange(board, period, { from: "top", count })
          : await readRange(board, period, {
              from: cursor == null ? "before" : "after",
              ...toBorder(decodeCursor(place)),
              count,
            });
      const { entries, version, total, first, last } = found;
      return {
        entries,
        version,
        total,
        nextCursor: last && encodeCursor(last),
        previousCursor: first && encodeCursor(first),
      };
    },

    async percentile(member, selector) {
      const { standings, total } = await readStandings(board, select(selector), [member], "worse");
      const [found] = standings;
      if (!found || found.rank === null) {
        return null;
      }
      return total === 1 ? 100 : (100 * found.place) / (total - 1);
    },

    histogram: (shape, selector) => readHistogram(board, select(selector), shape),

    async remove(member, selector) {
      const period = select(selector);
      const reply = await runOn(context, "state", removeScript, {
        keys: { ...board.keysOf(period.name), events },
        args: { member, period: JSON.stringify(period.name), rank: board.rank },
        restKeys: board.addedKeysOf(period.name),
      });
      return reply === 1;
    },

    finalize: (period, work, finalizeOptions) => finalizePeriod(board, period, work, finalizeOptions),

    archive: (period) => readArchive(board, period),

    rebuild: (entries, selector) => rebuildPeriod(board, select(selector), entries),

    periodName: (selector) => select(selector).name,

    watch: ({ onChange, onGap }) =>
      context.state.subscribe([events], {
        onMessage: (message) => onChange({ versions: versionsOf(message) }),
        onGap: () => onGap?.(),
      }),
  };
}

function toBorder({ place, score }: PageCursor): { readonly at: string; readonly atScore: string } {
  return { at: place, atScore: formatScore(score) };
}

function upTo(n: number, most: number, what: string): number {
  if (!Number.isInteger(n) || n < 0 || n > most) {
    throw new Misuse(`${what} must be a whole number from 0 to ${most}, got ${n}`);
  }
  return n;
}

function versionsOf(message: string): LeaderboardChange["versions"] {
  const versions: unknown = JSON.parse(message);
  if (typeof versions !== "object" || versions === null) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(versions).filter((pair): pair is [string, number] => typeof pair[1] === "number"),
  );
}
