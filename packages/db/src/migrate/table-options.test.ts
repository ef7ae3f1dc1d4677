import { expect, test } from "vitest";
import { withTableOptions } from "./table-options.ts";

const table = (name: string) => `CREATE TABLE \`${name}\` (\n\t\`id\` text\n);\n--> statement-breakpoint\n`;

test("makes every table strict, and those in key order WITHOUT ROWID, rebuilt ones too", () => {
  const sql = withTableOptions(table("user") + table("room_event") + table("__new_reaction"));
  expect(sql.match(/\) .*;/g)).toEqual([") STRICT;", ") STRICT, WITHOUT ROWID;", ") STRICT, WITHOUT ROWID;"]);
  expect(withTableOptions(sql)).toBe(sql);
});

test("leaves other statements as they are", () => {
  const sql = "CREATE UNIQUE INDEX `a` ON `user` (`id`);\n--> statement-breakpoint\nDROP TABLE `b`;";
  expect(withTableOptions(sql)).toBe(sql);
});
