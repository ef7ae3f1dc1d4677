import { z } from "zod";
import { countCharacters } from "../input-fault.ts";
import { measureSecSchema, reportNoteSchema } from "../report-words.ts";

export const userIdSchema = z.uuid();

/** Lower-case handle: what `@ada` means, and what stands in a profile's address. */
export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z][a-z0-9_-]{1,29}$/, "2 to 30 characters: letters, digits, - and _, beginning with a letter");

export const displayNameSchema = z
  .string()
  .trim()
  .refine((text) => countCharacters(text) >= 1 && countCharacters(text) <= 60, "1 to 60 characters")
  // Control and bidirectional-override characters could make one name look like another.
  .refine((text) => !/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u.test(text), "no control characters");

export const roleSchema = z.enum(["member", "admin"]);

/** What every member may see of another. */
export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string(),
  role: roleSchema,
  /** 0 to 359, fixed for a member: the colour of the avatar. */
  avatarHue: z.number(),
  createdAtMs: z.number(),
});

/** What a member sees of himself. */
export const meSchema = userSchema.extend({ email: z.string() });

export const userFindInput = z.union([
  z.strictObject({ id: userIdSchema }),
  z.strictObject({ username: usernameSchema }),
]);
export const userProfileSchema = userSchema.extend({
  bio: z.string(),
  latestPosts: z.array(z.object({ slug: z.string(), title: z.string(), publishedAtMs: z.number() })),
});
export const userFindOutput = userProfileSchema.nullable();

export const userUpdateInput = z
  .strictObject({
    displayName: displayNameSchema.optional(),
    bio: z
      .string()
      .trim()
      .refine((text) => countCharacters(text) <= 500, "at most 500 characters")
      .optional(),
  })
  .refine((input) => input.displayName !== undefined || input.bio !== undefined, "nothing to change");
export const userUpdateOutput = meSchema;

export const userSuspendInput = z.strictObject({
  userId: userIdSchema,
  reason: reportNoteSchema.default(""),
  forSec: measureSecSchema,
});
export const userUnsuspendInput = z.strictObject({ userId: userIdSchema });
export const userMeasureOutput = z.object({});

export const userSearchInput = z.strictObject({
  query: z.string().trim().min(1).max(100),
  limit: z.int().min(1).max(20).default(20),
});
export const userSearchOutput = z.object({ users: z.array(userSchema) });

export type User = z.infer<typeof userSchema>;
export type Me = z.infer<typeof meSchema>;
export type UserProfile = z.infer<typeof userProfileSchema>;
