import type { WriteTransaction } from "../database/transaction.ts";
import * as boardQueries from "../queries/board.ts";
import * as pointsQueries from "../queries/points.ts";
import * as seasonQueries from "../queries/season.ts";
import { challenge, type SeasonRow } from "../schema/leaderboard.ts";
import { reward } from "../schema/reward.ts";
import type { SeededMember } from "./members.ts";
import { createRandom, type Random } from "./random.ts";
import { createNextId, SEED_NOW_MS } from "./seed-time.ts";

interface BoardPlan {
  name: string;
  title: string;
  description: string;
  unit: string;
  order: "asc" | "desc";
  update: "best" | "increment";
  reasons: readonly string[];
  entriesPerMember: readonly [least: number, most: number];
  /** Points of one entry for a member of a skill between 0 and 1. */
  score(skill: number, random: Random): number;
}

const BOARDS: readonly BoardPlan[] = [
  {
    name: "community",
    title: "Community points",
    description: "Points for helping others. They add up over the season.",
    unit: "points",
    order: "desc",
    update: "increment",
    reasons: [
      "Answered a question",
      "Reviewed a guide",
      "Reported a bug",
      "Welcomed a newcomer",
      "Wrote a post",
    ],
    entriesPerMember: [4, 12],
    score: (skill, random) => random.integer(5, 15 + Math.round(skill * 45)),
  },
  {
    name: "quiz",
    title: "Weekly quiz",
    description: "Your best quiz of the season, out of 100.",
    unit: "points",
    order: "desc",
    update: "best",
    reasons: ["Quiz: keys and types", "Quiz: expiry and eviction", "Quiz: scripts", "Quiz: replication"],
    entriesPerMember: [2, 5],
    score: (skill, random) => Math.min(100, random.integer(30, 60) + Math.round(skill * 40)),
  },
  {
    name: "sprint",
    title: "Cache sprint",
    description: "Your fastest solution of the debugging puzzle, in seconds. Less is better.",
    unit: "seconds",
    order: "asc",
    update: "best",
    reasons: ["Puzzle: the lost update", "Puzzle: the double charge", "Puzzle: the stale list"],
    entriesPerMember: [1, 4],
    score: (skill, random) => random.integer(60, 240) + Math.round((1 - skill) * 300),
  },
];

/** The first two are over, the third is running. A quarter each. */
const SEASONS = [
  { number: 1, title: "Spring 2026", startsAtMs: Date.UTC(2026, 3, 1), endsAtMs: Date.UTC(2026, 6, 1) },
  { number: 2, title: "Summer 2026", startsAtMs: Date.UTC(2026, 6, 1), endsAtMs: Date.UTC(2026, 9, 1) },
  { number: 3, title: "Autumn 2026", startsAtMs: Date.UTC(2026, 9, 1), endsAtMs: Date.UTC(2027, 0, 1) },
] as const;

const REWARDS = [
  { slug: "stickers", title: "Sticker sheet", description: "Six stickers by post.", cost: 150, stock: 40 },
  { slug: "badge", title: "Profile badge", description: "A badge by your name.", cost: 300, stock: null },
  { slug: "topic", title: "Pick the topic", description: "You choose the next call.", cost: 800, stock: 3 },
] as const;

/** Three boards, three seasons, what everyone did in them, and the final tables of the two that are over. */
export function seedLeaderboards(tx: WriteTransaction, members: readonly SeededMember[]): void {
  const nextId = createNextId(5);
  const random = createRandom(5_000);
  const openedAtMs = SEASONS[0].startsAtMs;
  BOARDS.forEach(({ name, title, description, unit, order, update }, index) => {
    const rule = { name, title, description, unit, order, update };
    boardQueries.create(tx, { ...rule, position: index + 1, createdAtMs: openedAtMs });
  });
  const skills = new Map(members.map((member) => [member.id, random.next()]));
  for (const plan of SEASONS) {
    const season = seasonQueries.start(tx, { ...plan, id: nextId(plan.startsAtMs) });
    const entries = BOARDS.flatMap((board) =>
      members.flatMap((member) => entriesOf(board, member, season, skills.get(member.id) ?? 0.5, random)),
    );
    for (const entry of entries.toSorted((a, b) => a.nowMs - b.nowMs)) {
      pointsQueries.insertOnce(tx, { ...entry, operationId: nextId(entry.nowMs) });
    }
    if (plan.endsAtMs <= SEED_NOW_MS) seasonQueries.finish(tx, season.id, plan.endsAtMs);
  }
  BOARDS.forEach((board, index) => {
    const row = {
      id: nextId(openedAtMs),
      slug: board.name,
      boardName: board.name,
      title: `Challenge of the week: ${board.title.toLowerCase()}`,
      description: board.description,
      points: 10 * (index + 1),
      createdAtMs: openedAtMs,
    };
    tx.orm.insert(challenge).values(row).run();
  });
  for (const line of REWARDS) {
    const row = { ...line, id: nextId(openedAtMs), perUserLimit: 1, createdAtMs: openedAtMs };
    tx.orm.insert(reward).values(row).run();
  }
}

/** What a member did on a board in the part of a season that he was there for. */
function entriesOf(board: BoardPlan, member: SeededMember, season: SeasonRow, skill: number, random: Random) {
  const fromMs = Math.max(season.startsAtMs, member.createdAtMs);
  const toMs = Math.min(season.endsAtMs, SEED_NOW_MS);
  if (fromMs >= toMs) return [];
  return Array.from({ length: random.integer(...board.entriesPerMember) }, () => ({
    boardName: board.name,
    userId: member.id,
    seasonId: season.id,
    points: board.score(skill, random),
    reason: random.pick(board.reasons),
    nowMs: random.integer(fromMs, toMs - 1),
  }));
}
