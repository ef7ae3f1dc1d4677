import clsx from "clsx";
import { useId } from "react";
import type { InputHTMLAttributes } from "react";

export const inputClass =
  "w-full rounded-lg border border-line-strong/60 bg-surface px-3 py-2 text-ink placeholder:text-ink-faint " +
  "aria-[invalid=true]:border-accent";

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
  fault?: string | undefined;
}

/** A labelled input whose hint and fault are read out with it. */
export function Field({ label, hint, fault, className, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-invalid={fault !== undefined}
        aria-describedby={clsx(hint && `${id}-hint`, fault && `${id}-fault`) || undefined}
        className={inputClass}
      />
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-ink-faint">
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} className="mt-1 text-sm text-accent">
          {fault}
        </p>
      )}
    </div>
  );
}
