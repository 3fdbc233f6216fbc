import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { Segments } from "../../ui/Segments";
import { EmptyState, Skeleton } from "../../ui/states";
import { CandidatePane } from "./CandidatePane";
import { type Draft, EMPTY, enteredOf, type Faults, type Mode, MODES } from "./draft";
import { Failure } from "./Failure";
import { ownFaults } from "./faultWords";
import { Found } from "./Found";
import { LookUpForm } from "./LookUpForm";
import { NothingFound } from "./NothingFound";
import { useLookUp } from "./useLookUp";

/** Single records and plates, looked up among all lists and reference databases. */
export function LookUpsView({ account }: { account: Account }) {
  const { t } = useTranslation();
  const [mode, setMode] = useState<Mode>("record");
  const [draft, setDraft] = useState(EMPTY);
  const [faults, setFaults] = useState<Faults | null>(null);
  const [isWriting, setWriting] = useState(true);
  const [round, setRound] = useState(0); // a new form each, which takes the focus
  const [chosenId, setChosenId] = useState<string | null>(null);
  const { outcome, isPending, error, begin, forget } = useLookUp({
    onFound: () => {
      setWriting(false);
      setChosenId(null);
    },
    onRefused: setFaults,
  });
  const candidates = outcome?.found.candidates ?? [];
  const chosen = candidates.find(({ id }) => id === chosenId) ?? candidates[0];

  const submit = () => {
    const entered = enteredOf(mode, draft);
    const found = ownFaults(mode, entered);
    setFaults(found);
    if (found === null) begin({ mode, entered });
  };
  const edit = (part: Partial<Draft>) => {
    setFaults(null);
    setDraft({ ...draft, ...part });
  };
  const clear = () => {
    forget();
    setFaults(null);
    setDraft(EMPTY);
    write();
  };
  const write = () => {
    setWriting(true);
    setRound(round + 1);
  };
  const move = (by: 1 | -1) => {
    const at = candidates.findIndex((it) => it === chosen);
    const next = candidates[Math.max(0, Math.min(candidates.length - 1, at + by))];
    if (isWriting || !next) return false;
    setChosenId(next.id);
    return undefined;
  };
  useKeys({
    next: () => move(1),
    previous: () => move(-1),
    filter: write,
    back: () => (isWriting && outcome ? setWriting(false) : false),
  });

  return (
    <div className="alerts" data-testid="look-ups-view">
      <section className="alerts-list" aria-label={t("nav.look-ups")}>
        <header className="filters">
          <div className="filters-line">
            <h1>{t("nav.look-ups")}</h1>
            {isWriting ? (
              <Segments
                label={t("lookUp.kind")}
                value={mode}
                options={MODES.map((value) => ({ value, label: t(`lookUp.${value}`) }))}
                onChange={(next) => {
                  setFaults(null);
                  setMode(next);
                }}
                testId="look-up-mode"
              />
            ) : (
              <>
                <Button className="button button-small" onPress={write} data-testid="look-up-change">
                  {t("lookUp.change")}
                  <kbd aria-hidden="true">/</kbd>
                </Button>
                <Button className="button button-small" onPress={clear} data-testid="look-up-clear">
                  {t("common.clear")}
                </Button>
              </>
            )}
          </div>
        </header>
        {isWriting || !outcome ? (
          <LookUpForm
            key={round}
            mode={mode}
            draft={draft}
            faults={faults}
            isBusy={isPending}
            onEdit={edit}
            onSubmit={submit}
            onClear={clear}
            onBack={outcome ? () => setWriting(false) : null}
          />
        ) : (
          <Found key={outcome.at_us} outcome={outcome} chosenId={chosen?.id ?? null} onChoose={setChosenId} />
        )}
      </section>
      <section className="alerts-detail" aria-label={t("lookUp.candidate")}>
        {isPending ? (
          <Skeleton rows={5} className="skeleton-page" />
        ) : error ? (
          <Failure error={error} onRetry={submit} />
        ) : !outcome ? (
          <EmptyState title={t("lookUp.startTitle")}>{t("lookUp.startBody")}</EmptyState>
        ) : chosen ? (
          <CandidatePane key={chosen.id} candidate={chosen} outcome={outcome} account={account} />
        ) : (
          <NothingFound key={outcome.at_us} outcome={outcome} />
        )}
      </section>
    </div>
  );
}
