import { useTranslation } from "react-i18next";
import type { HealthState } from "../api/types";
import { HEALTH_SHAPES } from "./healthShapes";

/** The shape that stands for the state on the map, too. */
export function HealthShapeIcon({ state }: { state: HealthState }) {
  const { path, tone, isFilled } = HEALTH_SHAPES[state];
  return (
    <svg className="health-shape" data-tone={tone} width="14" height="14" viewBox="-8 -8 16 16" aria-hidden="true">
      <path d={path} fill={isFilled ? "currentColor" : "none"} stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

export function HealthMark({ state }: { state: HealthState }) {
  const { t } = useTranslation();
  return (
    <span className="health-mark" data-health={state} data-testid="health-state">
      <HealthShapeIcon state={state} />
      {t(`health.${state}`)}
    </span>
  );
}
