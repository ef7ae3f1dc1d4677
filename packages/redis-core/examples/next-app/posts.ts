export interface Post {
  readonly id: string;
  readonly title: string;
}

/** Stands for the database, and counts how often it is asked. */
const table = new Map<string, Post>([["1", { id: "1", title: "Hello" }]]);
export const asked = { times: 0 };

export async function findPost(id: string): Promise<Post | undefined> {
  asked.times += 1;
  return await Promise.resolve(table.get(id));
}

export async function savePost(post: Post): Promise<void> {
  await Promise.resolve(table.set(post.id, post));
}
