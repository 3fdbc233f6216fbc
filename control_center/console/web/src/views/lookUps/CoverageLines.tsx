import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Collection, type LookedUp } from "../../api/lookUps";
import { boardQuery } from "../../api/queries";
import { titleOf } from "../records/titleOf";
import { coverageOf } from "./coverage";

/** Where nothing was found, and where nothing could be found, which is something else. */
export function CoverageLines({ found }: { found: LookedUp }) {
  const { t } = useTranslation();
  const { compared, notComparable, isTold } = coverageOf(found);
  if (found.collections.length === 0) return null;
  return (
    <dl className="coverage-lines" data-testid="look-up-coverage">
      <Line
        label={isTold ? t("lookUp.comparedNone") : t("lookUp.compared")}
        collections={compared}
        testId="look-up-compared"
      />
      <Line label={t("lookUp.notComparable")} collections={notComparable} testId="look-up-not-comparable">
        {t("lookUp.notComparableHint")}
      </Line>
    </dl>
  );
}

const KINDS = ["list", "database"] as const;
type LineProps = { label: string; collections: Collection[]; testId: string; children?: string };

function Line({ label, collections, testId, children }: LineProps) {
  const { t } = useTranslation();
  const board = useQuery(boardQuery).data;
  if (collections.length === 0) return null;
  return (
    <div data-testid={testId}>
      <dt>{label}</dt>
      <dd>
        {KINDS.map((kind) => {
          const names = collections.filter((each) => each.kind === kind).map(({ name }) => name);
          return names.length === 0 ? null : (
            <p key={kind} className="coverage-kind">
              <span className="quiet">{t(`lookUp.${kind}s`)}</span>
              {names.map((name) => (
                <span key={name} className="tag">
                  {titleOf(board, kind, name)}
                </span>
              ))}
            </p>
          );
        })}
        {children ? <p className="field-hint">{children}</p> : null}
      </dd>
    </div>
  );
}
