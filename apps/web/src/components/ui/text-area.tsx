import { useId } from "react";
import type { TextareaHTMLAttributes } from "react";
import { inputClass } from "./field.tsx";

export interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  label: string;
}

/** A labelled box for a few lines. */
export function TextArea({ label, className, ...rest }: TextAreaProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <textarea rows={2} {...rest} id={id} className={inputClass} />
    </div>
  );
}
