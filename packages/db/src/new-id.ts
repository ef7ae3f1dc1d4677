import { v7 } from "uuid";

/** A new identifier: UUID v7, so that ids made later sort later (to the millisecond). */
export function newId(): string {
  return v7();
}
