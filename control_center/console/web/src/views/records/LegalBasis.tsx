import { useTranslation } from "react-i18next";
import type { Listing } from "../../api/types";
import { term } from "../../i18n";
import { PairRows } from "../../ui/PairRows";

/** Why somebody stands on a list, and what to do; null for a record of a database. */
export function LegalBasis({ listing }: { listing: Listing | null }) {
  const { t } = useTranslation();
  return (
    <section className="panel" data-testid="legal-basis">
      <header className="panel-head">
        <h3>{t("legal.title")}</h3>
      </header>
      {listing ? <Basis listing={listing} /> : <p className="panel-text">{t("legal.none")}</p>}
    </section>
  );
}

function Basis({ listing }: { listing: Listing }) {
  const { t } = useTranslation();
  const rows: [string, string | null][] = [
    [t("legal.ground"), term("ground", listing.ground)],
    [t("legal.issuer"), listing.issuer],
    [t("legal.instrument"), listing.instrument],
    [t("legal.issued"), listing.issued_on ?? null],
    [t("legal.review"), listing.review_on ?? null],
    [t("legal.expires"), listing.expires_on],
    [t("legal.action"), listing.action],
  ];
  return (
    <dl className="pairs">
      <PairRows rows={rows} />
    </dl>
  );
}
