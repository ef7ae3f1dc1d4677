import { router } from "../../trpc.ts";
import { now } from "./now.ts";
import { report } from "./report.ts";
import { top } from "./top.ts";
import { track } from "./track.ts";

export const analyticsRouter = router({ track, report, top, now });
