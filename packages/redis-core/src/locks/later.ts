/**
 * A timer that keeps no process alive. Whole milliseconds: Node keeps a list of timers for each length. Where timers
 * are numbers (edge runtimes) there is nothing to let go of.
 */
export function later(ms: number, act: () => void): NodeJS.Timeout {
  const timer: NodeJS.Timeout | number = setTimeout(act, Math.max(0, Math.floor(ms)));
  if (typeof timer === "object") {
    timer.unref();
  }
  return timer;
}
