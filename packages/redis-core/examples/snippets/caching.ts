import type { RedisCore } from "@cardinal/redis-core";

export interface Post {
  readonly id: string;
  readonly title: string;
  readonly authorId: string;
  readonly tags: readonly string[];
}

/** What the pages read from. */
export interface PostSource {
  findPost(id: string): Promise<Post | undefined>;
  listPosts(page: number): Promise<readonly Post[]>;
}

export function createPosts(core: RedisCore, source: PostSource) {
  // snippet: getCached
  const posts = core.cache<Post>("post", { ttl: "1h", grace: "1d", negativeTtl: "1m" });
  const getPost = (id: string) =>
    posts.getOrSet(id, async ({ tag }) => {
      const post = await source.findPost(id);
      if (post) tag(`author:${post.authorId}`, ...post.tags.map((name) => `tag:${name}`));
      return post; // `undefined` is remembered for a minute: absent rows are asked for once
    });
  // end

  // snippet: invalidateByTag
  const pages = core.cache<readonly Post[]>("post-page", { ttl: "5m" });
  const getPosts = (page: number) => pages.getOrSet(String(page), () => source.listPosts(page), { tags: ["posts"] });
  const invalidatePost = async (post: Post) => {
    await posts.delete(post.id);
    await pages.invalidateTags(["posts"]); // every page in any order, in one step however many there are
  };
  const invalidateAuthor = (authorId: string) => posts.invalidateTags([`author:${authorId}`]);
  // end

  // snippet: warmCache
  const warm = (ids: AsyncIterable<string>, onProgress: (done: number) => void) =>
    posts.warm(ids, (id) => source.findPost(id), { concurrency: 8, onProgress: ({ done }) => onProgress(done) });
  // end

  return { getPost, getPosts, invalidatePost, invalidateAuthor, warm };
}
