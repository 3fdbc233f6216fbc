import { useTranslation } from "react-i18next";
import type { Explanation, FieldEvidence, Side } from "../../api/types";
import { term } from "../../i18n";
import { bits, probability, shownField } from "../../ui/format";
import { againstName } from "./againstName";
import { type Bar, type Waterfall, waterfall } from "./waterfall";

type Props = {
  title: string;
  explanation: Explanation;
  probability: number;
  /** What stands on either side of the comparison. */
  left: string;
  right: string;
};

export function Evidence({ title, explanation, probability: chance, left, right }: Props) {
  const { t } = useTranslation();
  const fall = waterfall(explanation);
  return (
    <section className="panel" data-testid="evidence">
      <header className="panel-head">
        <h3>{title}</h3>
        <span className="panel-note">{t("evidence.probability", { value: probability(chance) })}</span>
      </header>
      {/* What may scroll must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="evidence-scroll" tabIndex={0} role="region" aria-label={title}>
        <table className="evidence">
          <caption className="visually-hidden">{t("evidence.caption")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("evidence.field")}</th>
              <th scope="col">{left}</th>
              <th scope="col">{right}</th>
              <th scope="col">{t("evidence.level")}</th>
              <th scope="col" className="number">
                {t("evidence.weight")}
              </th>
              <th scope="col" className="evidence-fall">
                {t("evidence.running")}
              </th>
            </tr>
          </thead>
          <tbody>
            <TotalRow label={t("evidence.prior")} mbits={explanation.prior_mbits} bar={fall.prior} fall={fall} />
            {explanation.fields.map((entry, i) => (
              <FieldRow key={entry.field} entry={entry} bar={fall.fields[i]} fall={fall} />
            ))}
            <TotalRow label={t("evidence.posterior")} mbits={fall.posterior.to} bar={fall.posterior} fall={fall} />
          </tbody>
        </table>
      </div>
      <dl className="evidence-foot">
        <Names label={t("evidence.keys")} names={explanation.keys.map((key) => term("field", key))} />
        <Names label={t("evidence.against")} names={explanation.against.map(againstName)} />
      </dl>
    </section>
  );
}

type RowProps = { fall: Waterfall; bar: Bar | undefined };

function TotalRow({ label, mbits, bar, fall }: RowProps & { label: string; mbits: number }) {
  return (
    <tr className="evidence-total">
      <th scope="row" colSpan={4}>
        {label}
      </th>
      <td className="number">{bits(mbits)}</td>
      <td className="evidence-fall">
        <Drawn bar={bar} fall={fall} tone="total" />
      </td>
    </tr>
  );
}

function FieldRow({ entry, bar, fall }: RowProps & { entry: FieldEvidence }) {
  return (
    <tr>
      <th scope="row">{term("field", entry.field)}</th>
      <td>
        <Value field={entry.field} side={entry.left} />
      </td>
      <td>
        <Value field={entry.field} side={entry.right} />
      </td>
      <td>{term("agreement", entry.level)}</td>
      <td className="number" data-against={entry.weight_mbits < 0}>
        {bits(entry.weight_mbits)}
      </td>
      <td className="evidence-fall">
        <Drawn bar={bar} fall={fall} tone={entry.weight_mbits < 0 ? "against" : "for"} />
      </td>
    </tr>
  );
}

function Value({ field, side }: { field: string; side: Side | null }) {
  const { t } = useTranslation();
  const raw = shownField(field, side?.raw);
  const normalised = shownField(field, side?.normalised);
  if (raw === "") return <span className="quiet">{normalised || t("evidence.empty")}</span>;
  return <span title={normalised ? t("evidence.normalised", { value: normalised }) : undefined}>{raw}</span>;
}

function Drawn({ bar, fall, tone }: RowProps & { tone: "for" | "against" | "total" }) {
  if (!bar) return null;
  const [low, high] = [fall.at(Math.min(bar.from, bar.to)), fall.at(Math.max(bar.from, bar.to))];
  const zero = `${fall.at(0)}%`;
  const end = `${fall.at(bar.to)}%`;
  return (
    <svg className="fall" width="100%" height="26" aria-hidden="true">
      <line className="fall-zero" x1={zero} x2={zero} y1="0" y2="26" />
      <rect
        className="fall-bar"
        data-tone={tone}
        x={`${low}%`}
        width={`${Math.max(0.4, high - low)}%`}
        y="8"
        height="10"
        rx="1"
      />
      {tone === "total" ? null : <line className="fall-link" x1={end} x2={end} y1="18" y2="26" />}
    </svg>
  );
}

function Names({ label, names }: { label: string; names: string[] }) {
  const { t } = useTranslation();
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {names.length === 0 ? <span className="quiet">{t("evidence.nothingAgainst")}</span> : null}
        {names.map((name) => (
          <span key={name} className="tag">
            {name}
          </span>
        ))}
      </dd>
    </div>
  );
}
