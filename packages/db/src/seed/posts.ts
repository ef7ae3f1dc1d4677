import { readdirSync, readFileSync } from "node:fs";
import type { WriteTransaction } from "../database/transaction.ts";
import * as commentQueries from "../queries/comment.ts";
import * as postQueries from "../queries/post.ts";
import type { SeededMember } from "./members.ts";
import { createRandom } from "./random.ts";
import { createNextId, MS, SEED_NOW_MS } from "./seed-time.ts";

export interface SeededPost {
  id: string;
  slug: string;
  publishedAtMs: number;
}

interface PostFile {
  title: string;
  slug: string;
  author: string;
  tags: string[];
  daysAgo: number;
  excerpt: string;
  body: string;
}

const FOLDER = new URL("posts/", import.meta.url);

const COMMENTS = [
  "This is the explanation I have been sending people to. Thank you.",
  "We hit exactly this last month. I wish it had been published in time.",
  "The example with the paused process finally made it click for me.",
  "How does this behave when the clock of the server is moved? I would love a paragraph about that.",
  "I disagree about one detail: for us the simple version was good enough for two years.",
  "Tried it on a Friday. It is still running. That is the review.",
  "Would you publish the numbers, and the machine they were measured on?",
  "Small typo in the second example, otherwise perfect.",
  "Reading this twice, once for the idea and once for the code.",
  "The table settles an argument that has been going on in our team since spring.",
  "What is the memory cost with a million entries?",
  "I translated the main points for our new people, hope that is all right.",
  "Please write the second part, the one about what you do not promise.",
  "Our version had all three of the mistakes. Fixing them took an afternoon.",
  "Clear, short and honest. More of this.",
  "Does it work the same on a cluster, or does one key have to live in one place?",
];

/** Adds the posts in `posts/`, oldest first, with comments. */
export function seedPosts(tx: WriteTransaction, members: readonly SeededMember[]): SeededPost[] {
  const nextId = createNextId(4);
  const random = createRandom(4_000);
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".md"))
    .map((name) => parsePost(readFileSync(new URL(name, FOLDER), "utf8")))
    .sort((a, b) => b.daysAgo - a.daysAgo);
  return files.map((file) => {
    const author = members.find((member) => member.username === file.author);
    if (author === undefined) throw new Error(`the post ${file.slug} names an unknown author`);
    const publishedAtMs = SEED_NOW_MS - file.daysAgo * MS.day + random.integer(8, 16) * MS.hour;
    const post = postQueries.create(tx, {
      id: nextId(publishedAtMs),
      slug: file.slug,
      title: file.title,
      excerpt: file.excerpt,
      body: file.body,
      authorId: author.id,
      tags: file.tags,
      publishedAtMs,
      nowMs: publishedAtMs,
    });
    const readers = random.shuffle(members.filter((member) => member !== author));
    const words = random.shuffle(COMMENTS);
    let atMs = publishedAtMs;
    readers.slice(0, random.integer(2, 6)).forEach((reader, index) => {
      atMs += random.integer(20, 900) * MS.minute;
      commentQueries.create(tx, {
        id: nextId(atMs),
        postId: post.id,
        authorId: reader.id,
        body: words[index] ?? "Thank you for this.",
        nowMs: atMs,
      });
    });
    return { id: post.id, slug: post.slug, publishedAtMs };
  });
}

/** A post file is lines of `name: value`, an empty line, and Markdown. */
function parsePost(text: string): PostFile {
  const end = text.indexOf("\n\n");
  const fields = new Map(
    text
      .slice(0, end)
      .split("\n")
      .map((line): [string, string] => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
  );
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined || value === "") throw new Error(`a seeded post has no "${name}"`);
    return value;
  };
  return {
    title: field("title"),
    slug: field("slug"),
    author: field("author"),
    tags: field("tags").split(", "),
    daysAgo: Number(field("days-ago")),
    excerpt: field("excerpt"),
    body: text.slice(end).trim(),
  };
}
