import { expectTypeOf, test } from "vitest";
import {
  roomQueries,
  userQueries,
  type Database,
  type ReadTransaction,
  type RoomForUser,
  type UserRow,
  type WriteTransaction,
} from "../src/index.ts";

test("write and read hand over the callback's result", () => {
  expectTypeOf<Database["write"]>().toBeCallableWith((tx) => userQueries.findById(tx, "x"));
  const read = (db: Database) => db.read((tx) => roomQueries.listForUser(tx, "x"));
  expectTypeOf(read).returns.resolves.toEqualTypeOf<RoomForUser[]>();
  const write = (db: Database) => db.write((tx) => userQueries.findById(tx, "x"));
  expectTypeOf(write).returns.resolves.toEqualTypeOf<UserRow | undefined>();
});

test("a read transaction cannot be used to write", () => {
  expectTypeOf<WriteTransaction>().toExtend<ReadTransaction>();
  expectTypeOf<ReadTransaction>().not.toExtend<WriteTransaction>();
  expectTypeOf<ReadTransaction["orm"]>().not.toHaveProperty("insert");
});

test("rows have instants as numbers and no Date", () => {
  expectTypeOf<UserRow["createdAtMs"]>().toEqualTypeOf<number>();
  expectTypeOf<UserRow["disabledAtMs"]>().toEqualTypeOf<number | null>();
  expectTypeOf<UserRow["role"]>().toEqualTypeOf<"member" | "admin">();
});
