import { useEffect } from "react";
import type { RefObject } from "react";

export interface DismissParts {
  /** What may be pressed without closing. */
  root: RefObject<HTMLElement | null>;
  /** What gets the focus back after a key. */
  trigger: RefObject<HTMLElement | null>;
}

/** Closes what is open on a press outside and on certain keys, as menus do. */
export function useDismiss(
  isOpen: boolean,
  { root, trigger }: DismissParts,
  close: () => void,
  keys: readonly string[],
): void {
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) close();
    };
    const onKey = (event: KeyboardEvent) => {
      if (!keys.includes(event.key)) return;
      close();
      trigger.current?.focus();
    };
    document.addEventListener("pointerdown", onPress);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", onPress);
      document.removeEventListener("keydown", onKey);
    };
  });
}
