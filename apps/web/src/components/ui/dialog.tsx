import { X } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

export interface DialogProps {
  title: string;
  onClose: () => void;
  /** For lists of text. */
  wide?: boolean;
  children: ReactNode;
}

/** A window over the page. The browser keeps the focus in it, gives it back, and closes it on Escape. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className={`m-auto ${wide ? "mt-[max(1rem,8dvh)] w-[min(44rem,calc(100vw-1rem))]" : "w-[min(28rem,calc(100vw-2rem))]"} rounded-xl border border-line bg-surface p-0 text-ink shadow-lift backdrop:bg-black/40`}
    >
      <div className="p-5">
        <div className="mb-4 flex items-center justify-between gap-4">
          <h2 id={id} className="text-lg font-semibold">
            {title}
          </h2>
          <button
            type="button"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
            className="inline-flex size-9 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken"
          >
            <X aria-hidden="true" className="size-4.5" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
