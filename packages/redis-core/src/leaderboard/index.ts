export type {
  BoardArchive,
  Finalization,
  FinalizeOptions,
  FinalizeResult,
  FinalizeWork,
} from "./finalize-types.ts";
export { createLeaderboard } from "./leaderboard.ts";
export type {
  HistogramBucket,
  HistogramShape,
  Leaderboard,
  LeaderboardChange,
  LeaderboardEntry,
  LeaderboardOptions,
  LeaderboardPage,
  MemberStanding,
  PageOptions,
  PeriodKind,
  PeriodSelector,
  RankMode,
  RebuildEntry,
  Season,
  Standing,
  SubmitOptions,
  SubmitResult,
} from "./leaderboard-types.ts";
