import { expect, it } from "vitest";
import { namesIn } from "./find-mentioned.ts";

it.each([
  ["hello @ada and @Bo-2!", ["ada", "bo-2"]],
  ["(@ada), @ada: twice", ["ada"]],
  ["mail ada@cardinal.test or see /@ada and a.@ada", []],
  ["@a is too short, @1st begins with a digit, @@ada is none", []],
  ["@adaé is another word", []],
])("%s", (text, names) => {
  expect(namesIn(text)).toEqual(names);
});
