import { type CoreContext, runOn } from "../context.ts";
import { toPositiveMs } from "../duration.ts";
import { Misuse, RedisUnavailable } from "../errors.ts";
import type {
  Leaderboard,
  LeaderboardChange,
  LeaderboardOptions,
  MemberStanding,
  PeriodKind,
  PeriodSelector,
  Standing,
  SubmitOptions,
  SubmitResult,
} from "./leaderboard-types.ts";
import { decodeCursor, encodeCursor } from "./page-cursor.ts";
import { type Period, periodAt } from "./period.ts";
import { rebuildPeriod } from "./rebuild.ts";
import { rangeOf, standingAt, textsOf } from "./replies.ts";
import { formatScore, parseScore } from "./score-text.ts";
import { rangeScript, removeScript, standingsScript, submitScript } from "./scripts.ts";

const operationTtlMs = 86_400_000;
const defaultKeep = { day: "7d", week: "5w", season: "90d" } as const;
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
export function createLeaderboard(
  context: CoreContext,
  name: string,
  options: LeaderboardOptions,
): Leaderboard {
  const { order = "desc", update, rank: rankMode = "ordinal", periods: kinds = ["all"] } = options;
  if (kinds.length === 0 || new Set(kinds).size !== kinds.length) {
    throw new Misuse("a board needs at least one period, each once");
  }
  const keepMs = {
    day: toPositiveMs(options.keep?.day ?? defaultKeep.day, "keep.day"),
    week: toPositiveMs(options.keep?.week ?? defaultKeep.week, "keep.week"),
    season: toPositiveMs(options.keep?.season ?? defaultKeep.season, "keep.season"),
    all: 0,
  };
  const keys = context.keys.leaderboard;
  /** What the server's clock is ahead of ours, learned when a submit met the wrong day. */
  let aheadMs = 0;
  const nowMs = () => context.clock.nowMs() + aheadMs;

  /** When a period's keys go: its end and the keep time; a season whose end nobody told, from now. */
  const expiryOf = ({ kind, endsAtMs }: Period) =>
    kind === "all" ? 0 : (endsAtMs || nowMs()) + keepMs[kind];
  const select = ({ period, season, atMs }: PeriodSelector = {}): Period => {
    const kind = period ?? (kinds.includes("all") ? "all" : kinds[0]);
    if (kind === undefined || !kinds.includes(kind)) {
      throw new Misuse(`the board ${name} has no period ${kind}`);
    }
    return periodAt(kind, atMs ?? nowMs(), season);
  };
  const keysOf = (period: Period) => ({
    scores: keys.scores(name, period.name),
    members: keys.members(name, period.name),
    version: keys.version(name, period.name),
  });
  const range = async (period: Period, from: "top" | "after" | "around", count: number, at = "", score = "") =>
    rangeOf(
      await runOn(context, "state", rangeScript, {
        keys: keysOf(period),
        args: { order, from, at, at_score: score, count },
      }),
      rankMode,
    );
  const standings = async (members: readonly string[], selector?: PeriodSelector) => {
    const { scores, members: placesKey } = keysOf(select(selector));
    const texts = textsOf(
      await runOn(context, "state", standingsScript, {
        keys: { scores, members: placesKey },
        args: { order },
        restArgs: members,
      }),
    );
    return members.map((member, index) => {
      const [score = "", before, better, worse] = texts.slice(1 + index * 4, 5 + index * 4);
      const standing: MemberStanding =
        score === ""
          ? { score: 0, rank: null }
          : { score: parseScore(score), rank: Number(rankMode === "ordinal" ? before : better) + 1 };
      return { member, standing, before: Number(before), worse: Number(worse), total: Number(texts[0]) };
    });
  };

  async function submit(
    member: string,
    score: number,
    submitOptions: SubmitOptions,
    clockTries: number,
  ): Promise<SubmitResult> {
    const { operationId, season } = submitOptions;
    const written = kinds
      .filter((kind) => kind !== "season" || season !== undefined)
      .map((kind) => periodAt(kind, nowMs(), season));
    if (written.length === 0) {
      throw new Misuse(`the board ${name} has only the period season, and no season was given`);
    }
    const reply = await runOn(
      context,
      "state",
      submitScript,
      {
        keys: { events: keys.events(name), operation: keys.operation(name, operationId ?? "none") },
        args: {
          member,
          score: formatScore(score),
          update,
          order,
          rank: rankMode,
          operation_ttl: operationId === undefined ? 0 : operationTtlMs,
        },
        restKeys: written.flatMap((period) => Object.values(keysOf(period))),
        restArgs: written.flatMap((period) => [
          period.name,
          period.startsAtMs,
          period.kind === "season" ? 0 : period.endsAtMs,
          expiryOf(period),
        ]),
      },
      { resend: operationId === undefined ? "never" : "once" },
    );
    const texts = textsOf(reply);
    if (texts[0] === "reused") {
      throw new Misuse(`the operation id ${operationId} was used for another submit`);
    }
    if (texts[0] === "clock") {
      if (clockTries === 0) {
        throw new RedisUnavailable("the server's clock keeps jumping; nothing was written");
      }
      aheadMs = Number(texts[1]) - context.clock.nowMs();
      return await submit(member, score, submitOptions, clockTries - 1);
    }
    const periods: Partial<Record<PeriodKind, Standing>> = {};
    for (const [index, { kind }] of written.entries()) {
      periods[kind] = standingAt(texts, 1 + index * 4);
    }
    const main = periods.all ?? standingAt(texts, 1);
    return { ...main, periods };
  }

  return {
    async submit(member, score, submitOptions = {}) {
      if (member === "") {
        throw new Misuse("a member may not be empty");
      }
      if (update === "increment" && !Number.isFinite(score)) {
        throw new Misuse(`only finite amounts can be added, got ${score}`);
      }
      return await submit(member, score, submitOptions, 2);
    },

    async top(n, selector) {
      return (await range(select(selector), "top", upTo(n, mostEntries, "n"))).entries;
    },

    async around(member, radius, selector) {
      return (await range(select(selector), "around", upTo(radius, mostEntries, "radius"), member)).entries;
    },

    async get(member, selector) {
      const [found] = await standings([member], selector);
      return found?.standing ?? { score: 0, rank: null };
    },

    async among(members, selector) {
      upTo(members.length, mostMembers, "number of members");
      const found = await standings([...new Set(members)], selector);
      return found
        .toSorted((a, b) => place(a) - place(b))
        .map(({ member, standing }) => ({ member, ...standing }));
    },

    async page({ cursor, limit = 50, ...selector } = {}) {
      const count = upTo(limit, mostEntries, "limit");
      const after = cursor == null ? null : decodeCursor(cursor);
      const { entries, version, total, hasMore, last } = after
        ? await range(select(selector), "after", count, after.place, formatScore(after.score))
        : await range(select(selector), "top", count);
      return { entries, version, total, nextCursor: hasMore && last ? encodeCursor(last) : null };
    },

    async percentile(member, selector) {
      const [found] = await standings([member], selector);
      if (!found || found.standing.rank === null) {
        return null;
      }
      return found.total === 1 ? 100 : (100 * found.worse) / (found.total - 1);
    },

    async remove(member, selector) {
      const period = select(selector);
      const reply = await runOn(context, "state", removeScript, {
        keys: { ...keysOf(period), events: keys.events(name) },
        args: { member, period: period.name },
      });
      return reply === 1;
    },

    rebuild(entries, selector) {
      const period = select(selector);
      return rebuildPeriod(context, { name, order, period, expiryAtMs: expiryOf(period) }, entries);
    },

    periodName: (selector) => select(selector).name,

    watch: ({ onChange, onGap }) =>
      context.state.subscribe([keys.events(name)], {
        onMessage: (message) => onChange({ versions: versionsOf(message) }),
        onGap: () => onGap?.(),
      }),
  };
}

function place({ standing, before }: { standing: MemberStanding; before: number }): number {
  return standing.rank === null ? Number.POSITIVE_INFINITY : before;
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
