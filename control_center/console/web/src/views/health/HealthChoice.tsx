import { useTranslation } from "react-i18next";
import { type Camera, HEALTH_STATES } from "../../api/types";
import { Choice } from "../../ui/fields";
import { count } from "../../ui/format";
import { type HealthFilter, isInHealth } from "../cameras/register";

type Props = { cameras: readonly Camera[]; value: HealthFilter; onChange: (health: HealthFilter) => void };

/** One state of health, and how many cameras have it. */
export function HealthChoice({ cameras, value, onChange }: Props) {
  const { t } = useTranslation();
  const options = [
    { value: "all" as const, label: t("care.any") },
    { value: "asking" as const, label: t("care.asking") },
    ...HEALTH_STATES.map((state) => ({ value: state, label: t(`health.${state}`) })),
  ];
  return (
    <Choice<HealthFilter>
      label={t("care.filter")}
      value={value}
      options={options.map(({ value: health, label }) => ({
        value: health,
        label: `${label} · ${count(cameras.filter((camera) => isInHealth(camera, health)).length)}`,
      }))}
      onChange={onChange}
      isCompact
      testId="health-filter"
    />
  );
}
