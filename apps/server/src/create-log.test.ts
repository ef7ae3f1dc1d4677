import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, it } from "vitest";
import { logOptions } from "./create-log.ts";

it("writes no secrets: neither named fields nor the values of a failed query", () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = pino(logOptions("info"), sink);
  const failed = Object.assign(
    new Error('Failed query: insert into "user"\nparams: ada@example.test,$argon2id$abc'),
    {
      params: ["ada@example.test", "$argon2id$abc"],
    },
  );
  log.error(
    { err: failed, password: "hunter2", headers: { cookie: "sid=1", authorization: "Bearer x" } },
    "failed",
  );
  const text = lines.join("");
  expect(JSON.parse(text)).toMatchObject({ level: "error", msg: "failed", err: { type: "Error" } });
  for (const secret of ["ada@example.test", "$argon2id", "hunter2", "sid=1", "Bearer"]) {
    expect(text).not.toContain(secret);
  }
});

it("keeps a line a line, whatever is in it", () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  pino(logOptions("info"), sink).info({ login: 'x\n{"level":"error"}\u001b[31m' }, "a\nb");
  expect(lines.join("").trimEnd().split("\n")).toHaveLength(1);
  expect(lines.join("")).not.toContain("\u001b");
});
