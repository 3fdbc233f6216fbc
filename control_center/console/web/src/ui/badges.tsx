import { useTranslation } from "react-i18next";
import type { PersonState } from "../api/identityTypes";
import type { AlertState, CameraState, Severity } from "../api/types";
import { term } from "../i18n";
import { plateParts } from "./format";

export function StateBadge({ state }: { state: AlertState }) {
  const { t } = useTranslation();
  return (
    <span className="badge" data-state={state} data-testid="state-badge">
      {t(`state.${state}`)}
    </span>
  );
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  const { t } = useTranslation();
  return (
    <span className="severity" data-severity={severity}>
      {t(`severity.${severity}`)}
    </span>
  );
}

export function CameraStateMark({ state }: { state: CameraState }) {
  const { t } = useTranslation();
  return (
    <span className="camera-state" data-camera-state={state} data-testid="camera-state">
      <i className="lamp" aria-hidden="true" />
      {t(`camera.${state}`)}
    </span>
  );
}

export function Plate({ plate, isLarge = false }: { plate: string; isLarge?: boolean }) {
  const [office, number] = plateParts(plate);
  return (
    <span className={isLarge ? "plate plate-large" : "plate"} translate="no">
      {office}
      {/* Drawn, because fonts disagree on how wide the dot is; the text stays the bare plate. */}
      {office ? <i className="plate-dot" aria-hidden="true" /> : null}
      {number}
    </span>
  );
}

export function RoleName({ role }: { role: string }) {
  useTranslation(); // the language decides the name
  return (
    <span className="role" data-role={role}>
      {term("role", role)}
    </span>
  );
}

const PERSON_TONE: Record<PersonState, string> = { active: "good", disabled: "off", locked_out: "bad" };

export function PersonStateMark({ state }: { state: PersonState }) {
  const { t } = useTranslation();
  return (
    <span className="status-mark" data-tone={PERSON_TONE[state]} data-testid="person-state">
      <i className="lamp" aria-hidden="true" />
      {t(`person.${state}`)}
    </span>
  );
}
