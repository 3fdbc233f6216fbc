import { type ReactNode, useId } from "react";
import { Button } from "react-aria-components/Button";
import { Checkbox } from "react-aria-components/Checkbox";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { SearchField } from "react-aria-components/SearchField";
import { Select, SelectValue } from "react-aria-components/Select";
import { Text } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField } from "react-aria-components/TextField";
import { useTranslation } from "react-i18next";
import { ChevronIcon, CloseIcon, SearchIcon, TickIcon } from "./icons";

type EntryProps = {
  label: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete?: string;
  type?: "text" | "password";
  inputMode?: "numeric" | "text";
  description?: string | undefined;
  hasAutoFocus?: boolean;
  isRequired?: boolean;
  isInvalid?: boolean;
  maxLength?: number;
  placeholder?: string | undefined;
  isCode?: boolean;
};

export function Entry({
  label,
  description,
  hasAutoFocus = false,
  type = "text",
  autoComplete = "off",
  isRequired = true,
  placeholder,
  isCode = false,
  ...field
}: EntryProps) {
  return (
    // A form that opens for this field.
    <TextField
      className="field"
      type={type}
      autoComplete={autoComplete}
      // oxlint-disable-next-line jsx-a11y/no-autofocus
      autoFocus={hasAutoFocus}
      isRequired={isRequired}
      validationBehavior="aria"
      {...field}
    >
      <Label>{label}</Label>
      <Input className={isCode ? "input input-code" : "input"} {...(placeholder ? { placeholder } : {})} />
      {description ? (
        <Text slot="description" className="field-hint">
          {description}
        </Text>
      ) : null}
      <FieldError />
    </TextField>
  );
}

type WordsProps = Pick<
  EntryProps,
  "label" | "name" | "value" | "onChange" | "description" | "hasAutoFocus" | "isInvalid" | "maxLength"
> & { rows?: number };

/** A few sentences. */
export function Words({ label, description, hasAutoFocus = false, rows = 3, maxLength = 500, ...field }: WordsProps) {
  return (
    // A form that opens for this field.
    // oxlint-disable-next-line jsx-a11y/no-autofocus
    <TextField className="field" autoFocus={hasAutoFocus} validationBehavior="aria" maxLength={maxLength} {...field}>
      <Label>{label}</Label>
      <TextArea className="input textarea" rows={rows} />
      {description ? (
        <Text slot="description" className="field-hint">
          {description}
        </Text>
      ) : null}
    </TextField>
  );
}

type Option<T extends string> = { value: T; label: string; note?: string };
type ChoiceProps<T extends string> = {
  label: string;
  value: T | null;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  placeholder?: string;
  isCompact?: boolean;
  testId?: string;
};

/** One out of many; the list opens on demand. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
  placeholder,
  isCompact = false,
  testId,
}: ChoiceProps<T>) {
  return (
    <Select
      className={isCompact ? "choice choice-compact" : "field choice"}
      value={value}
      onChange={(key) => key !== null && onChange(String(key) as T)}
      {...(placeholder === undefined ? {} : { placeholder })}
      data-testid={testId}
    >
      <Label className={isCompact ? "visually-hidden" : "field-label"}>{label}</Label>
      <Button className="input choice-button">
        <SelectValue className="choice-value">{({ selectedText, defaultChildren }) => selectedText || defaultChildren}</SelectValue>
        <ChevronIcon />
      </Button>
      <Popover className="popover popover-list" offset={4}>
        <ListBox className="options">
          {options.map((option) => (
            <ListBoxItem key={option.value} id={option.value} className="option" textValue={option.label}>
              <span>{option.label}</span>
              {option.note ? <span className="option-note">{option.note}</span> : null}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

type SearchProps = { label: string; value: string; onChange: (value: string) => void; testId?: string };

export function Search({ label, value, onChange, testId }: SearchProps) {
  const { t } = useTranslation();
  return (
    <SearchField className="search" aria-label={label} value={value} onChange={onChange}>
      <SearchIcon />
      <Input className="input" placeholder={label} data-testid={testId} />
      {value === "" ? null : (
        <Button className="icon-button search-clear" aria-label={t("common.clear")}>
          <CloseIcon />
        </Button>
      )}
    </SearchField>
  );
}

type TickProps = { isSelected: boolean; onChange: (isSelected: boolean) => void; children: ReactNode; value?: string };

export function Tick({ children, ...box }: TickProps) {
  return (
    <Checkbox className="tick" {...box}>
      <span className="tick-box" aria-hidden="true">
        <TickIcon />
      </span>
      <span>{children}</span>
    </Checkbox>
  );
}

/** Fields that belong together, under one name. */
export function FieldGroup({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span id={id} className="field-label">
        {label}
      </span>
      {children}
    </div>
  );
}
