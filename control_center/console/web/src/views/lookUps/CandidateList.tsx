import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Candidate } from "../../api/lookUps";
import { CandidateRow, rowId } from "./CandidateRow";
import { byLikeliness } from "./likeliness";

type Props = { candidates: Candidate[]; chosenId: string | null; onChoose: (id: string) => void };

/** The likeliest first. It takes the focus, so that the next key walks it. */
export function CandidateList({ candidates, chosenId, onChoose }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    if (chosenId === null) return;
    document.querySelector(`#${CSS.escape(rowId(chosenId))}`)?.scrollIntoView({ block: "nearest" });
  }, [chosenId]);
  return (
    <div
      ref={list}
      className="rows"
      role="listbox"
      tabIndex={0}
      aria-label={t("lookUp.candidates")}
      aria-activedescendant={chosenId === null ? undefined : rowId(chosenId)}
      data-testid="candidate-list"
    >
      {byLikeliness(candidates).map(([name, members]) => (
        <div key={name} role="group" aria-label={t(`lookUp.${name}`)}>
          <div className="rows-group" aria-hidden="true">
            {t(`lookUp.${name}`)}
          </div>
          {members.map((it) => (
            <CandidateRow key={it.id} candidate={it} isChosen={it.id === chosenId} onChoose={onChoose} />
          ))}
        </div>
      ))}
    </div>
  );
}
