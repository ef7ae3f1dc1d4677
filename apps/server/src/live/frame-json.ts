const texts = new WeakMap<object, string>();

/**
 * A frame as JSON, made once however many connections get the same object. A list holds frames of many subscriptions,
 * each with its own beginning: their data is what is shared. Frames are not changed once they are sent.
 */
export function frameJson(frame: object): string {
  if (Array.isArray(frame)) {
    return `[${frame.map((item: unknown) => itemJson(item)).join(",")}]`;
  }
  let text = texts.get(frame);
  if (text === undefined) {
    text = JSON.stringify(frame);
    texts.set(frame, text);
  }
  return text;
}

function itemJson(item: unknown): string {
  if (typeof item === "object" && item !== null && "data" in item && typeof item.data === "object" && item.data !== null) {
    const { data, ...own } = item;
    const beginning = JSON.stringify(own).slice(0, -1);
    return `${beginning}${beginning === "{" ? "" : ","}"data":${frameJson(data)}}`;
  }
  return JSON.stringify(item) ?? "null";
}
