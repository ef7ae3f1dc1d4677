import * as schemas from "@cardinal/api/schemas";
import { expect, it } from "vitest";
import * as limits from "./message-limits.ts";

it("spells the API's limits as the API does", () => {
  const { MESSAGE_MAX_BYTES, MESSAGE_MAX_CHARACTERS } = schemas;
  expect({ ...limits }).toEqual({ MESSAGE_MAX_BYTES, MESSAGE_MAX_CHARACTERS });
});
