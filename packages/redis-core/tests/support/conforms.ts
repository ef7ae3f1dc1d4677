import { afterAll, beforeAll } from "vitest";
import { itIsAPort, type PortUnderTest } from "./port-conformance.ts";
import { itCarriesThePrimitives } from "./port-primitives.ts";

export interface ConformanceOptions {
  /** Further tests between the two suites: a failover, after which the second one must pass all the same. */
  readonly inBetween?: (get: () => PortUnderTest) => void;
}

/** Runs both suites over what `start` makes, and stops it in reverse order. Call it inside `describe`. */
export function conforms(
  start: (stack: AsyncDisposableStack) => Promise<PortUnderTest>,
  { inBetween }: ConformanceOptions = {},
): void {
  const stack = new AsyncDisposableStack();
  let subject: PortUnderTest | undefined;
  const get = () => {
    if (!subject) {
      throw new Error("not started");
    }
    return subject;
  };
  beforeAll(async () => {
    subject = await start(stack);
  }, 60_000);
  afterAll(() => stack.disposeAsync());
  itIsAPort(get);
  inBetween?.(get);
  itCarriesThePrimitives(get);
}
