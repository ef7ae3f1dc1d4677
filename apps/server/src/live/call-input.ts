/** The input of a subscription that goes on after an id, as tRPC's adapters put the id in. */
export function withLastEventId(input: unknown, lastEventId: string | null | undefined): unknown {
  if (lastEventId == null) {
    return input;
  }
  return typeof input === "object" && input !== null && !Array.isArray(input)
    ? { ...input, lastEventId }
    : (input ?? { lastEventId });
}

export function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
