const sinceBootMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds by the machine's steady clock, the same in all its processes. */
export function steadyMs(): number {
  return sinceBootMs + performance.now();
}
