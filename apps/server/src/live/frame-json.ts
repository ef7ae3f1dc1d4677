const texts = new WeakMap<object, string>();

/** A frame as JSON, made once however many connections get the same object. Frames are not changed once they are sent. */
export function frameJson(frame: object): string {
  let text = texts.get(frame);
  if (text === undefined) {
    text = JSON.stringify(frame);
    texts.set(frame, text);
  }
  return text;
}
