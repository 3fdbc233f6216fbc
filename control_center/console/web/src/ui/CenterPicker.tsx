import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { centersQuery } from "../api/identity";
import { asTree, type Found, matching } from "./centers";
import { ChevronIcon } from "./icons";

type Props = {
  label: string;
  value: string | null;
  onChange: (centerId: string | null) => void;
  isCompact?: boolean;
  placeholder?: string;
  testId?: string;
};

/** A center out of the tree: typing narrows it by name or code, and what lies above a find stays in sight. */
export function CenterPicker({ label, value, onChange, isCompact = false, placeholder, testId }: Props) {
  const { t } = useTranslation();
  const nodes = asTree(useQuery(centersQuery).data ?? []);
  const chosen = nodes.find(({ center }) => center.id === value)?.center;
  const [typed, setTyped] = useState<string | null>(null);
  const shown = matching(nodes, typed ?? "");
  return (
    <ComboBox
      className={isCompact ? "choice choice-compact" : "field choice"}
      value={value}
      inputValue={typed ?? chosen?.name ?? ""}
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
      items={shown}
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
          {({ center, depth, isMatch }: Found) => (
            <ListBoxItem
              id={center.id}
              className="option option-center"
              textValue={center.name}
              isDisabled={!isMatch}
              data-depth={depth}
            >
              <span>{center.name}</span>
              <span className="option-note">{t(`level.${center.level}`)}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
