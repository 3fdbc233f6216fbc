import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { camerasQuery } from "../api/queries";
import type { Camera } from "../api/types";
import { ChevronIcon } from "./icons";

type Props = { label: string; value: string | null; onChange: (cameraId: string | null) => void; testId?: string };

/** A camera out of all in sight: typing narrows them by name or code. */
export function CameraPicker({ label, value, onChange, testId }: Props) {
  const { t } = useTranslation();
  const cameras = useQuery(camerasQuery).data ?? [];
  const chosen = cameras.find(({ id }) => id === value);
  const [typed, setTyped] = useState<string | null>(null);
  const words = (typed ?? "").trim().toLowerCase();
  const shown = cameras.filter(({ name, code }) => `${name} ${code}`.toLowerCase().includes(words));
  return (
    <ComboBox
      className="field choice"
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
      <Label>{label}</Label>
      <div className="combo">
        <Input className="input" />
        <Button className="combo-button" aria-label={t("common.open")}>
          <ChevronIcon />
        </Button>
      </div>
      <Popover className="popover popover-list" offset={4}>
        <ListBox className="options" renderEmptyState={() => <p className="option">{t("common.noMatch")}</p>}>
          {({ id, name, code }: Camera) => (
            <ListBoxItem id={id} className="option" textValue={name}>
              <span>{name}</span>
              <span className="option-note">{code}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
