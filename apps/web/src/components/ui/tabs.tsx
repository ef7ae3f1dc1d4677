import clsx from "clsx";

export interface TabsProps<Value extends string> {
  label: string;
  value: Value;
  options: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}

/** A choice of what is shown beneath, as buttons in a row. */
export function Tabs<Value extends string>({ label, value, options, onChange }: TabsProps<Value>) {
  const keys = Object.keys(options) as Value[];
  return (
    <div role="group" aria-label={label} className="mb-3 inline-flex gap-1 rounded-lg bg-sunken p-1">
      {keys.map((key) => (
        <button
          key={key}
          type="button"
          aria-pressed={key === value}
          onClick={() => onChange(key)}
          className={clsx(
            "min-h-8 rounded-md px-3 text-sm",
            key === value ? "bg-surface font-medium shadow-lift" : "text-ink-soft hover:text-ink",
          )}
        >
          {options[key]}
        </button>
      ))}
    </div>
  );
}
