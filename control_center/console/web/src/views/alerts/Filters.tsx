import type { Ref } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { useTranslation } from "react-i18next";
import type { AlertFilter } from "../../api/alertCache";
import { ALERT_KINDS, ALERT_STATES } from "../../api/types";
import { usePreference } from "../../shell/preferences";
import { chime } from "../../shell/sound";
import { SoundIcon } from "../../ui/icons";
import { Segments } from "../../ui/Segments";

type Props = { filter: AlertFilter; onChange: (filter: AlertFilter) => void; ref: Ref<HTMLDivElement> };

export function Filters({ filter, onChange, ref }: Props) {
  const { t } = useTranslation();
  return (
    <header className="filters">
      <div className="filters-line">
        <h1>{t("alerts.title")}</h1>
        <Segments
          label={t("alerts.kindFilter")}
          value={filter.kind}
          options={[
            { value: "all", label: t("alerts.allKinds") },
            ...ALERT_KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) })),
          ]}
          onChange={(kind) => onChange({ ...filter, kind })}
          testId="kind-filter"
        />
        <SoundToggle />
      </div>
      <Segments
        ref={ref}
        label={t("alerts.stateFilter")}
        value={filter.state}
        options={[
          { value: "all", label: t("alerts.all") },
          ...ALERT_STATES.map((state) => ({ value: state, label: t(`state.${state}`) })),
        ]}
        onChange={(state) => onChange({ ...filter, state })}
        testId="state-filter"
      />
    </header>
  );
}

function SoundToggle() {
  const { t } = useTranslation();
  const [sound, setSound] = usePreference("sound", "off");
  const isOn = sound === "on";
  return (
    <ToggleButton
      className="icon-button"
      aria-label={t("alerts.sound")}
      isSelected={isOn}
      data-testid="sound-toggle"
      onChange={(next) => {
        setSound(next ? "on" : "off");
        if (next) chime(); // lets the operator hear it, and the browser allow it
      }}
    >
      <SoundIcon isOn={isOn} />
    </ToggleButton>
  );
}
