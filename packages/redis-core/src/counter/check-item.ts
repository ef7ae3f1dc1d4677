import { Misuse } from "../errors.ts";

const longestItemBytes = 1_024;
const mostItems = 5_000;

/** @throws {Misuse} for text that is no item: empty, past 1024 bytes, or with a lone surrogate. */
export function checkItem(item: string): void {
  if (item === "") {
    throw new Misuse("an item may not be empty");
  }
  if (!item.isWellFormed()) {
    throw new Misuse("an item must be well-formed Unicode");
  }
  if (item.length * 3 > longestItemBytes && new TextEncoder().encode(item).length > longestItemBytes) {
    throw new Misuse(`an item may have ${longestItemBytes} bytes at most`);
  }
}

/** @throws {Misuse} for more than one call may read. */
export function checkItems(items: readonly string[]): void {
  if (items.length > mostItems) {
    throw new Misuse(`one call reads ${mostItems} items at most, got ${items.length}`);
  }
}
