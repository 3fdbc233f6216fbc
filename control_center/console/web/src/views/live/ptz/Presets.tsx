import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { PtzPreset } from "../../../api/ptz";

/** As many as have a key. */
const KEYS = 9;

type Props = { presets: PtzPreset[]; isBlocked: boolean; onGo: (index: number) => void };

export function Presets({ presets, isBlocked, onGo }: Props) {
  const { t } = useTranslation();
  if (presets.length === 0) return <p className="steer-presets quiet">{t("steer.noPresets")}</p>;
  return (
    <ul className="steer-presets" aria-label={t("steer.presets")}>
      {presets.map(({ token, name }, i) => (
        <li key={token}>
          <Button className="button button-small" isDisabled={isBlocked} onPress={() => onGo(i)} data-testid="steer-preset">
            {i < KEYS ? <kbd>{i + 1}</kbd> : null}
            <span>{name || token}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}
