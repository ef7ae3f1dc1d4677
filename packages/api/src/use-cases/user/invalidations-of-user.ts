import type { Invalidation } from "../../deps/caches.ts";

/** Every cached value that shows a member's name or profile. */
export function invalidationsOfUser(userId: string): Invalidation[] {
  const tags = [`user:${userId}`];
  return [
    { cache: "user", tags },
    { cache: "user-search", tags: ["users"] },
    { cache: "post", tags },
    { cache: "post-list", tags },
  ];
}

/** What a new member makes untrue: that there is no such member, and every search. */
export function invalidationsOfNewUser(user: { id: string; username: string }): Invalidation[] {
  return [
    { cache: "user", tags: [`id:${user.id}`, `name:${user.username}`] },
    { cache: "user-search", tags: ["users"] },
  ];
}
