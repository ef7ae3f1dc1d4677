import { expect, it } from "vitest";
import { frameJson } from "./frame-json.ts";

it("serialises a frame once, alone and in lists of many subscriptions", () => {
  let times = 0;
  const data = {
    kind: "batch",
    toJSON() {
      times += 1;
      return { kind: "batch" };
    },
  };
  const list = (key: string) => [{ key, id: "1", data }, { key, started: true }, { data }, { key, id: "2", data: [1, "ß"] }];
  expect(frameJson(data)).toBe('{"kind":"batch"}');
  expect(frameJson(list("a"))).toBe(
    '[{"key":"a","id":"1","data":{"kind":"batch"}},{"key":"a","started":true},{"data":{"kind":"batch"}},{"key":"a","id":"2","data":[1,"ß"]}]',
  );
  expect(JSON.parse(frameJson(list("b")))).toEqual(JSON.parse(JSON.stringify(list("b"))));
  expect(times).toBe(1 + 2);
});
