import { type ReactElement, useState } from "react";
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { ChevronIcon } from "./icons";

type Props<T extends object> = {
  label: string;
  value: string | null;
  /** What stands in the field while nothing is typed. */
  chosen: string | undefined;
  onChange: (id: string | null) => void;
  /** What is left of all for the words that are typed. */
  narrowed: (words: string) => T[];
  children: (item: T) => ReactElement;
  isCompact?: boolean | undefined;
  placeholder?: string | undefined;
  testId?: string | undefined;
};

/** One out of many: typing narrows them, an empty field is nothing chosen, leaving it brings back what was chosen. */
export function Picker<T extends object>(props: Props<T>) {
  const { label, value, chosen, onChange, narrowed, children, isCompact = false, placeholder, testId } = props;
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <ComboBox
      className={isCompact ? "choice choice-compact" : "field choice"}
      value={value}
      inputValue={typed ?? chosen ?? ""}
      onInputChange={(text) => {
        setTyped(text);
        if (text === "" && value !== null) onChange(null);
      }}
      onChange={(key) => {
        setTyped(null);
        onChange(key === null ? null : String(key));
      }}
      onOpenChange={(isOpen) => !isOpen && setTyped(null)}
      onBlur={() => setTyped(null)}
      menuTrigger="focus"
      items={narrowed(typed ?? "")}
      allowsEmptyCollection
      data-testid={testId}
    >
      <Label className={isCompact ? "visually-hidden" : ""}>{label}</Label>
      <div className="combo">
        <Input className="input" placeholder={placeholder ?? ""} />
        <Button className="combo-button" aria-label={t("common.open")}>
          <ChevronIcon />
        </Button>
      </div>
      <Popover className="popover popover-list" offset={4}>
        <ListBox className="options" renderEmptyState={() => <p className="option">{t("common.noMatch")}</p>}>
          {children}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
