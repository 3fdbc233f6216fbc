import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { CoverageLines } from "./CoverageLines";
import { Notices } from "./Notices";
import type { Outcome } from "./useLookUp";

/** Not one candidate: what was compared, and what could not be. */
export function NothingFound({ outcome: { mode, found } }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  const isCompared = mode === "plate" || found.collections.some((each) => each.is_comparable);
  return (
    <div className="empty nothing-found" ref={place} tabIndex={-1} data-testid="nothing-found">
      <p className="empty-title">{t(isCompared ? "lookUp.noneTitle" : "lookUp.noneComparableTitle")}</p>
      {isCompared ? <p className="empty-body">{t(mode === "plate" ? "lookUp.noPlateBody" : "lookUp.noneBody")}</p> : null}
      <Notices found={found} />
      <CoverageLines found={found} />
    </div>
  );
}
