import type { Ref } from "react";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";

type Props<T extends string> = {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  ref?: Ref<HTMLDivElement>;
  testId?: string;
};

/** One choice out of a few, all in sight. */
export function Segments<T extends string>({ label, value, options, onChange, ref, testId }: Props<T>) {
  return (
    <RadioGroup
      {...(ref ? { ref } : {})}
      className="segments"
      aria-label={label}
      orientation="horizontal"
      value={value}
      onChange={(next) => onChange(next as T)}
      data-testid={testId}
    >
      {options.map((option) => (
        <Radio key={option.value} value={option.value} className="segment">
          {option.label}
        </Radio>
      ))}
    </RadioGroup>
  );
}
