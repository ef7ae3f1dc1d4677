import type { Post } from "@cardinal/api/schemas";
import { useId, useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Field, inputClass } from "../../components/ui/field.tsx";
import { api } from "../../lib/api-client.ts";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";

const tagsOf = (text: string) => [...new Set(text.split(/[\s,]+/).filter((tag) => tag !== ""))];

/** Changes a post. What was typed stays until the server has stored it. */
export function PostEditForm({ post, onClose }: { post: Post; onClose: () => void }) {
  const id = useId();
  const [title, setTitle] = useState(post.title);
  const [body, setBody] = useState(post.body);
  const [tags, setTags] = useState(post.tags.join(", "));
  const update = trpc.post.update.useMutation({
    onSuccess: async (updated) => {
      api.post.bySlug.setData({ slug: updated.slug }, updated);
      onClose();
      await Promise.all([api.post.list.invalidate(), api.post.tags.invalidate()]);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({ id: post.id, title, body, tags: tagsOf(tags) });
  };
  return (
    <form onSubmit={submit} className="space-y-4" aria-label="Edit this post">
      <Field label="Title" required value={title} onChange={(event) => setTitle(event.target.value)} />
      <div>
        <label htmlFor={id} className="mb-1 block text-sm font-medium">
          Text (Markdown)
        </label>
        <textarea
          id={id}
          required
          rows={16}
          value={body}
          onChange={(event) => setBody(event.target.value)}
          className={`${inputClass} font-mono text-sm`}
        />
      </div>
      <Field
        label="Tags"
        hint="Separated by commas"
        value={tags}
        onChange={(event) => setTags(event.target.value)}
      />
      {update.error && (
        <p role="alert" className="text-sm text-accent">
          {faultText(update.error)}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" look="primary" busy={update.isPending}>
          Save
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}
