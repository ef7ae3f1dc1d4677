import { useLayoutEffect, useRef } from "react";

const MOVE_MS = 260;
const MAX_MOVES = 20;

/**
 * Lets rows glide to their new places. `order` is what identifies the rows, joined; rows carry `data-row`.
 * Nothing moves under reduced motion, or when more than twenty rows changed place at once.
 */
export function useRowMotion(order: string) {
  const body = useRef<HTMLTableSectionElement>(null);
  const tops = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const rows = [...(body.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    const before = tops.current;
    const after = new Map(rows.map((row) => [row.dataset["row"] ?? "", row.offsetTop]));
    tops.current = after;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const moves = rows.flatMap((row) => {
      const id = row.dataset["row"] ?? "";
      const distance = (before.get(id) ?? row.offsetTop) - (after.get(id) ?? 0);
      return distance === 0 ? [] : [{ row, distance }];
    });
    if (moves.length > MAX_MOVES) return;
    for (const { row, distance } of moves) {
      row.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], {
        duration: MOVE_MS,
        easing: "cubic-bezier(0.2, 0, 0, 1)",
      });
    }
  }, [order]);
  return body;
}
