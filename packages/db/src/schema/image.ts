import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, isOneOf, timeColumn, type Json } from "./columns.ts";
import { user } from "./user.ts";

export const IMAGE_STATES = ["pending", "ready", "failed"] as const;

/** An image a member gave us, and the sizes made of it: `[{ width, height, path, bytes }]`. */
export const image = sqliteTable(
  "image",
  {
    id: idColumn(),
    ownerId: text("owner_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    /** Null for an upload. */
    sourceUrl: text("source_url"),
    title: text("title").notNull().default(""),
    mediaType: text("media_type"),
    width: integer("width"),
    height: integer("height"),
    bytes: integer("bytes"),
    state: text("state", { enum: IMAGE_STATES }).notNull().default("pending"),
    error: text("error"),
    variants: text("variants", { mode: "json" }).$type<Json[]>().notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [
    index("image_owner").on(t.ownerId, t.createdAtMs),
    check("image_state", isOneOf(t.state, IMAGE_STATES)),
    check("image_variants_json", sql`json_valid(${t.variants})`),
  ],
);

export type ImageRow = typeof image.$inferSelect;
