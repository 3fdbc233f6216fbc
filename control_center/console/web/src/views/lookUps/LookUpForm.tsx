import { type SyntheticEvent, useEffect, useRef } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Field } from "../../api/lookUps";
import { BusyButton } from "../../ui/BusyButton";
import { SearchIcon } from "../../ui/icons";
import { type Draft, type Faults, GROUPS, type Mode } from "./draft";
import { LookUpField } from "./LookUpField";

type Props = {
  mode: Mode;
  draft: Draft;
  /** A new object for each refusal, so that the first field it is about takes the focus. */
  faults: Faults | null;
  isBusy: boolean;
  onEdit: (part: Partial<Draft>) => void;
  onSubmit: () => void;
  onClear: () => void;
  /** Null where nothing was found yet to go back to. */
  onBack: (() => void) | null;
};

const HINTED: Readonly<Record<Mode, readonly Field[]>> = {
  record: ["name", "date_of_birth", "place"],
  plate: ["plate"],
};

/** What is known of a person, a document or a vehicle; Enter looks it up. */
export function LookUpForm({ mode, draft, faults, isBusy, onEdit, onSubmit, onClear, onBack }: Props) {
  const { t } = useTranslation();
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => fields.current?.querySelector("input")?.focus(), []);
  useEffect(() => {
    if (faults) fields.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [faults]);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isBusy) onSubmit();
  };
  return (
    <form className="look-up-form" role="search" aria-label={t("nav.look-ups")} onSubmit={submit} data-testid="look-up-form">
      <div className="look-up-fields" data-mode={mode} ref={fields}>
        {GROUPS[mode].map(([group, names]) => (
          <fieldset key={group} className="form-group" data-testid={`group-${group}`}>
            <legend>{t(`lookUp.${group}`)}</legend>
            {names.map((name) => (
              <LookUpField
                key={name}
                name={name}
                value={draft[name]}
                fault={faults?.[name]}
                isHinted={HINTED[mode].includes(name)}
                onChange={(value) => onEdit({ [name]: value })}
              />
            ))}
          </fieldset>
        ))}
      </div>
      <div className="look-up-foot">
        <p className="form-error" role="alert">
          {faults?.[""]}
        </p>
        <div className="dialog-buttons">
          {onBack ? (
            <Button className="button button-quiet look-up-back" onPress={onBack} data-testid="look-up-back">
              {t("lookUp.back")}
            </Button>
          ) : null}
          <Button className="button" onPress={onClear} data-testid="look-up-clear">
            {t("common.clear")}
          </Button>
          <BusyButton className="button button-primary" type="submit" isBusy={isBusy} data-testid="look-up-search">
            <SearchIcon />
            {isBusy ? t("lookUp.searching") : t("lookUp.search")}
          </BusyButton>
        </div>
      </div>
    </form>
  );
}
