import { useTranslation } from "react-i18next";
import type { ReadField } from "../../api/lookUps";
import { term } from "../../i18n";
import { shownField } from "../../ui/format";

/** What was entered, and what was understood of it where that is something else. */
export function ReadAs({ fields }: { fields: readonly ReadField[] }) {
  const { t } = useTranslation();
  return (
    <dl className="pairs read-as" aria-label={t("lookUp.readAs")} data-testid="read-as">
      {fields.map((read) => (
        <div key={read.field}>
          <dt>{term("field", read.field)}</dt>
          <dd>
            <Understood read={read} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Understood({ read: { field, raw, normalised } }: { read: ReadField }) {
  const { t } = useTranslation();
  const [given, understood] = [shownField(field, raw), shownField(field, normalised)];
  if (given === "") return t("lookUp.derived", { value: understood });
  if (given === understood || understood === "") return given;
  const more = understood.startsWith(`${given} (`) ? understood.slice(given.length) : `→ ${understood}`;
  return (
    <>
      {given} <span className="quiet">{more}</span>
    </>
  );
}
