/**
 * A draw of how much of its load time before its end an entry counts as ended, for one read: XFetch's
 * `-beta × ln(rand)`, from "Optimal Probabilistic Cache Stampede Prevention" (Vattani, Chierichetti, Lowenstein;
 * VLDB 2015). Exponential, so that of many readers some come early and most never do.
 */
export function drawEarly(beta: number): number {
  return beta === 0 ? 0 : -beta * Math.log(1 - Math.random()); // jitter: which read it is must be chance
}
