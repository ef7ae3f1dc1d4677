/** A Next.js route handler on Node: reads through the cache, and a write invalidates by tag. */
import type { Cache } from "@cardinal/redis-core/cache";
import { findPost, type Post, savePost } from "../../../../posts.ts";
import { getRedisCore } from "../../../../redis.ts";

interface Context {
  readonly params: Promise<{ readonly id: string }>;
}

let posts: Cache<Post> | undefined;

async function openPosts(): Promise<Cache<Post>> {
  const core = await getRedisCore();
  posts ??= core.cache<Post>("post", { ttl: "1h", negativeTtl: "10s", grace: "1d" });
  return posts;
}

export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { id } = await params;
  const cache = await openPosts();
  const post = await cache.getOrSet(id, () => findPost(id), { tags: [`post:${id}`] });
  return post === undefined ? Response.json({ error: "NOT_FOUND" }, { status: 404 }) : Response.json(post);
}

export async function PUT(request: Request, { params }: Context): Promise<Response> {
  const { id } = await params;
  const { title } = (await request.json()) as Partial<Post>;
  if (typeof title !== "string" || title === "") {
    return Response.json({ error: "BAD_REQUEST" }, { status: 400 });
  }
  await savePost({ id, title });
  // After the write, so that nobody loads the old title again.
  const cache = await openPosts();
  await cache.invalidateTags([`post:${id}`]);
  return Response.json({ id, title });
}
