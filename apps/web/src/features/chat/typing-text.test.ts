import { expect, it } from "vitest";
import { typingText } from "./typing-text.ts";

it.each([
  [[], ""],
  [["Ada"], "Ada is typing…"],
  [["Ada", "Bo"], "Ada and Bo are typing…"],
  [["Ada", "Bo", "Cy"], "Ada, Bo and Cy are typing…"],
  [["Ada", "Bo", "Cy", "Di"], "Several members are typing…"],
])("says of %j: %s", (names, text) => {
  expect(typingText(names)).toBe(text);
});
