import type { JobSchedule } from "../../src/index.ts";
import { recordEffect } from "./record-effect.job.ts";

/** Due at midnight on New Year's Day: it exists, and does not run during a test. */
export const yearlySchedule: JobSchedule = {
  id: "yearly",
  job: recordEffect,
  payload: { label: "yearly" },
  pattern: "0 0 1 1 *",
};
