import { z } from "zod";
import { postSlugSchema } from "../post/schemas.ts";

const lastEventId = z.string().max(128).nullish();

/**
 * `visitors-now`: different visitors of the site in the last five minutes. `post-views`: of a
 * post by members, each member's once an hour.
 */
export const counterOnChangeInput = z.discriminatedUnion("counter", [
  z.strictObject({ counter: z.literal("visitors-now"), lastEventId }),
  z.strictObject({ counter: z.literal("post-views"), slug: postSlugSchema, lastEventId }),
]);

/** How it stands; the latest counts. `version` rises with every change that a stream tells of. */
export const counterOnChangeFrame = z.object({
  kind: z.literal("value"),
  value: z.number(),
  version: z.number(),
});

export type CounterOnChangeFrame = z.infer<typeof counterOnChangeFrame>;
