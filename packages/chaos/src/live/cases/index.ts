import { churn } from "./churn.ts";
import type { LiveCase } from "./live-case.ts";
import { resume } from "./resume.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { stall } from "./stall.ts";
import { storm } from "./storm.ts";

/** What `pnpm chaos live --case NAME` runs. */
export const liveCases: Readonly<Record<string, LiveCase>> = {
  churn,
  resume,
  "rolling-restart": rollingRestart,
  stall,
  storm,
};
