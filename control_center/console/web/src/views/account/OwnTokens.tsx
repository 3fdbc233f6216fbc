import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { identityKeys, ownTokensQuery, revokeOwnToken } from "../../api/identity";
import type { TokenRow } from "../../api/identityTypes";
import type { Account } from "../../api/types";
import { useAct } from "../../shell/useAct";
import { PlusIcon } from "../../ui/icons";
import { Panel } from "../../ui/Panel";
import { ErrorState, Skeleton } from "../../ui/states";
import { TokenList } from "../people/TokenList";
import { NewTokenDialog } from "./NewTokenDialog";

/** Keys for programs that read in this person's name. */
export function OwnTokens({ account }: { account: Account }) {
  const { t } = useTranslation();
  const query = useQuery(ownTokensQuery);
  const [isMaking, setMaking] = useState(false);
  const { act } = useAct();
  const revoke = (token: TokenRow) =>
    act({
      question: { title: t("token.revokeTitle", { name: token.name }), body: t("token.revokeBody"), action: t("token.revoke") },
      run: () => revokeOwnToken(token.id),
      done: t("token.revoked", { name: token.name }),
      touches: [identityKeys.ownTokens],
    });
  return (
    <Panel
      title={t("token.title")}
      testId="account-tokens"
      tools={
        account.method === "password" ? (
          <Button className="button button-small" onPress={() => setMaking(true)} data-testid="new-token">
            <PlusIcon />
            {t("token.make")}
          </Button>
        ) : null
      }
    >
      {query.isPending ? <Skeleton rows={2} className="skeleton-lines" /> : null}
      {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.data ? <TokenList tokens={query.data} onRevoke={revoke} /> : null}
      <NewTokenDialog account={account} isOpen={isMaking} onClose={() => setMaking(false)} />
    </Panel>
  );
}
