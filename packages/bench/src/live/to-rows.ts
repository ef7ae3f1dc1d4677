import { loadavg } from "node:os";
import type { CaseResult } from "../contender.ts";

/** One row for each peer, of which less is better. Null: the contender cannot do it. */
export function toRows(name: string, unit: string, figures: ReadonlyMap<string, number | null>): CaseResult[] {
  const ours = figures.get("ours") ?? Number.NaN;
  const peers = [...figures].filter(([contender]) => contender !== "ours");
  return peers.map(([peerName, peer]) => ({
    case: name,
    ours,
    peer,
    peerName,
    floor: null,
    ratio: peer === null ? null : peer / ours,
    floorRatio: null,
    unit,
  }));
}

/** Says something beside the results, which alone are on standard output. */
export function remark(text: string): void {
  console.error(`  ${text}`);
}

/** How busy the machine was. */
export function loadAverage(): string {
  return `load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(" ")}`;
}
