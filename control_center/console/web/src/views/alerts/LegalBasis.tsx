import { useTranslation } from "react-i18next";
import type { Hit } from "../../api/types";
import { term } from "../../i18n";

export function LegalBasis({ hit }: { hit: Hit }) {
  const { t } = useTranslation();
  return (
    <section className="panel" data-testid="legal-basis">
      <header className="panel-head">
        <h3>{t("legal.title")}</h3>
      </header>
      {hit.ground ? <Basis hit={hit} ground={hit.ground} /> : <p className="panel-text">{t("legal.none")}</p>}
    </section>
  );
}

function Basis({ hit, ground }: { hit: Hit; ground: string }) {
  const { t } = useTranslation();
  const rows: [string, string | null][] = [
    [t("legal.ground"), term("ground", ground)],
    [t("legal.issuer"), hit.issuer],
    [t("legal.instrument"), hit.instrument],
    [t("legal.expires"), hit.expires_on],
    [t("legal.action"), hit.action],
  ];
  return (
    <dl className="pairs">
      {rows.map(([label, value]) =>
        value ? (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
