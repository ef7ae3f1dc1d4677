import { Misuse } from "../errors.ts";

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A score as Redis prints it: decimals, exponents, `inf` and `-inf`, none of which `parseInt` survives.
 *
 * @throws {Misuse} for anything else, NaN included.
 */
export function parseScore(text: string): number {
  if (number.test(text)) {
    return Number(text);
  }
  switch (text.toLowerCase()) {
    case "inf":
    case "+inf":
      return Number.POSITIVE_INFINITY;
    case "-inf":
      return Number.NEGATIVE_INFINITY;
    default:
      throw new Misuse(`not a score: "${text}"`);
  }
}

/** Text that Redis and Lua read back as the same double. @throws {Misuse} for NaN. */
export function formatScore(score: number): string {
  if (Number.isNaN(score)) {
    throw new Misuse("a score may not be NaN");
  }
  if (Number.isFinite(score)) {
    return String(score);
  }
  return score > 0 ? "inf" : "-inf";
}
