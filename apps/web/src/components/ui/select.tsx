import { useId } from "react";
import { inputClass } from "./field.tsx";

export interface SelectProps<Value extends string> {
  label: string;
  value: Value;
  /** What each value is called, in the order shown. */
  options: Readonly<Record<Value, string>>;
  /** A value that is not offered. */
  without?: Value | undefined;
  onChange: (value: Value) => void;
  className?: string;
}

/** A labelled choice of one. */
export function Select<Value extends string>({ label, value, options, without, onChange, className }: SelectProps<Value>) {
  const id = useId();
  const entries = Object.entries<string>(options).filter(([key]) => key !== without);
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = keysOf(options).find((key) => key === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
        className={`${inputClass} min-h-10`}
      >
        {entries.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function keysOf<Value extends string>(options: Readonly<Record<Value, string>>): Value[] {
  return Object.keys(options) as Value[];
}
