// Loaded into every measured server before its own code (`--import`): says what the process has used.
import { writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { setTimeout as wait } from "node:timers/promises";
import { answerParent } from "./answer-parent.ts";
import { steadyMs } from "./clock.ts";

let profiler: Session | undefined;

const answers = {
  /** Microseconds of processor time until now, and when that is. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { atMs: steadyMs(), us: user + system };
  },

  /** Bytes in use when everything that nobody holds has been collected. */
  memory: async () => {
    for (let round = 0; round < 4; round += 1) {
      globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
      await wait(150);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heap: heapUsed, external };
  },

  startProfile: async () => {
    profiler = new Session();
    profiler.connect();
    await profiler.post("Profiler.enable");
    await profiler.post("Profiler.setSamplingInterval", { interval: 500 });
    await profiler.post("Profiler.start");
  },

  stopProfile: async (path: string) => {
    const stopped = await profiler?.post("Profiler.stop");
    profiler?.disconnect();
    await writeFile(path, JSON.stringify(stopped?.profile));
  },

  heapSnapshot: async (path: string) => {
    const { writeHeapSnapshot } = await import("node:v8");
    writeHeapSnapshot(path);
  },
};

export type ServerProbe = typeof answers;

answerParent(answers);
