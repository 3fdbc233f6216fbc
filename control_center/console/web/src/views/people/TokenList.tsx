import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { TokenRow } from "../../api/identityTypes";
import { term } from "../../i18n";
import { Time } from "../../ui/Time";

type Props = { tokens: TokenRow[]; onRevoke: (token: TokenRow) => void };

export function TokenList({ tokens, onRevoke }: Props) {
  const { t } = useTranslation();
  if (tokens.length === 0) return <p className="panel-text">{t("token.none")}</p>;
  return (
    <ul className="lines">
      {tokens.map((token) => (
        <li key={token.id} className="line" data-testid="token-line">
          <div className="line-main">
            <b>{token.name}</b>
            {token.rights.map((right) => (
              <span key={right} className="tag">
                {term("right", right)}
              </span>
            ))}
            <End token={token} />
          </div>
          <div className="line-note">
            {t("token.expires")} <Time us={token.expires_us} isBrief /> ·{" "}
            {token.used_us === null ? (
              t("token.neverUsed")
            ) : (
              <>
                {t("token.used")} <Time us={token.used_us} isBrief />
              </>
            )}
          </div>
          {endOf(token) === null ? (
            <Button className="button button-small line-tool" onPress={() => onRevoke(token)}>
              {t("token.revoke")}
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function End({ token }: { token: TokenRow }) {
  const { t } = useTranslation();
  const end = endOf(token);
  return end === null ? null : <span className="chip">{t(`token.${end}`)}</span>;
}

/** Why a token opens nothing any more. */
function endOf(token: TokenRow): "isRevoked" | "isOver" | null {
  if (token.revoked_us !== null) return "isRevoked";
  return token.expires_us < Date.now() * 1000 ? "isOver" : null;
}
