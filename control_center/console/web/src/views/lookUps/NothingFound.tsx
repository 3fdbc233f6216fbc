import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { verdictOf } from "./coverage";
import { CoverageLines } from "./CoverageLines";
import { Notices } from "./Notices";
import type { Outcome } from "./useLookUp";

/** Not one candidate: what was compared, and what could not be. */
export function NothingFound({ outcome: { mode, found } }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  const verdict = verdictOf(found);
  return (
    <div className="empty nothing-found" ref={place} tabIndex={-1} data-testid="nothing-found" data-verdict={verdict}>
      <p className="empty-title">{t(`lookUpVerdict.${verdict}`)}</p>
      {verdict === "none" ? (
        <p className="empty-body">{t(mode === "plate" ? "lookUp.noPlateBody" : "lookUp.noneBody")}</p>
      ) : null}
      <Notices found={found} />
      <CoverageLines found={found} />
    </div>
  );
}
