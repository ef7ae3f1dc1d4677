import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { serverEnvSchema } from "../env.ts";
import { generate } from "./generate-environment.ts";

describe("the generated environment documents", () => {
  it("list every variable the server and the worker read", async () => {
    const workerSource = await readFile(resolve(import.meta.dirname, "../../../worker/src/env.ts"), "utf8");
    const workerNames = [...workerSource.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? "");
    expect(workerNames.length).toBeGreaterThan(10);
    const files = await generate();
    for (const { content } of files) {
      for (const name of [...Object.keys(serverEnvSchema.shape), ...workerNames]) {
        if (name !== "PORT") {
          expect(content).toContain(name);
        }
      }
    }
  });

  it("leave an example that changes nothing when it is copied", async () => {
    const files = await generate();
    const example = files.find(({ path }) => path === ".env.example")?.content ?? "";
    expect(example.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
  });
});
