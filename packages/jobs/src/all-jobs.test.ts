import { expect, test } from "vitest";
import { allJobs } from "./all-jobs.ts";
import { jobSchedules } from "./job-schedules.ts";

test("job names are unique and verb-noun in kebab case", () => {
  const names = allJobs.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
});

test("schedules are unique, of known jobs, and carry payloads that fit", () => {
  const ids = jobSchedules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { job, payload } of jobSchedules) {
    expect(allJobs.some((known) => known.name === job.name)).toBe(true);
    expect(job.payload.safeParse(payload).success).toBe(true);
  }
});
