export { createLeaderboard } from "./leaderboard.ts";
export type {
  Leaderboard,
  LeaderboardChange,
  LeaderboardEntry,
  LeaderboardOptions,
  LeaderboardPage,
  MemberStanding,
  PageOptions,
  PeriodKind,
  PeriodSelector,
  Season,
  Standing,
  SubmitOptions,
  SubmitResult,
} from "./leaderboard-types.ts";
