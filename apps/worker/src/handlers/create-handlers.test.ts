import { allJobs } from "@cardinal/jobs";
import { expect, test } from "vitest";
import { createHandlers } from "./create-handlers.ts";

test("every job has a handler, and every handler a job", () => {
  const unused = (): never => {
    throw new Error("not called here");
  };
  const handlers = createHandlers({
    db: { path: "", read: unused, write: unused, close: unused, [Symbol.asyncDispose]: unused },
    mailer: { deliver: unused },
    publicUrl: "https://cardinal.test",
    caches: new Map(),
  });
  expect([...handlers.keys()].toSorted()).toEqual(allJobs.map(({ name }) => name).toSorted());
});
