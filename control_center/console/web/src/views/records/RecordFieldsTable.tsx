import type { RecordFields } from "../../api/types";
import { term } from "../../i18n";
import { shown, shownField } from "../../ui/format";

/** A record as its source wrote it; fields without a value are left out. */
export function RecordFieldsTable({ title, fields }: { title: string; fields: RecordFields }) {
  const rows = Object.entries(fields).filter(([, value]) => shown(value) !== "");
  return (
    <section className="panel">
      <header className="panel-head">
        <h3>{title}</h3>
      </header>
      <dl className="pairs">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{term("field", name)}</dt>
            <dd>{shownField(name, value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
