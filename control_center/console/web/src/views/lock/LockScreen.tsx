import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { methodsQuery, OIDC_PATH, signOut } from "../../api/identity";
import type { Account } from "../../api/types";
import { endSession } from "../../shell/endSession";
import { rememberPlace } from "../../shell/lock";
import { useMissed } from "../../shell/missed";
import { refusedSignIn, useHash } from "../../shell/routing";
import { LockIcon } from "../../ui/icons";
import { refusalText } from "../signin/faults";
import { UnlockForm } from "./UnlockForm";

type Props = { account: Account; isOpen: boolean; isOverWall: boolean };

/**
 * Takes all input until its person is back. Over the wall it is a bar at the foot, so that no picture is covered;
 * elsewhere it is a card, and what lies behind is hidden.
 */
export function LockScreen({ account, isOpen, isOverWall }: Props) {
  return (
    <ModalOverlay
      className="lock"
      isOpen={isOpen}
      isDismissable={false}
      isKeyboardDismissDisabled
      data-wall={isOverWall}
      data-testid="lock-screen"
    >
      <Modal className="lock-card">
        <Dialog className="lock-dialog" role="alertdialog">
          {/* All else is inert: this is the page now. */}
          <main className="lock-main">
            <LockHead account={account} />
            {account.method === "oidc" ? <ProviderWay /> : <UnlockForm account={account} />}
            <Leave />
          </main>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function LockHead({ account }: { account: Account }) {
  const { t } = useTranslation();
  const missed = useMissed();
  return (
    <div className="lock-head">
      <LockIcon size={24} />
      <div>
        <Heading slot="title" level={1}>{t("lock.title")}</Heading>
        <p className="lock-who">{account.display_name}</p>
      </div>
      <p className="lock-missed" role="status" data-none={missed === 0} data-testid="lock-missed">
        {missed === 0 ? "" : t("lock.missed", { count: missed })}
      </p>
    </div>
  );
}

/** Whoever came through the provider has no password here. */
function ProviderWay() {
  const { t } = useTranslation();
  const title = useQuery(methodsQuery).data?.oidc?.title;
  const refused = refusedSignIn(useHash());
  return (
    <div className="lock-form">
      <p className="form-error" role="alert">
        {refused ? refusalText(refused) : ""}
      </p>
      <a className="button button-primary" href={OIDC_PATH} onClick={rememberPlace} data-testid="unlock-oidc">
        {title ? t("lock.oidc", { title }) : t("lock.oidcUnnamed")}
      </a>
    </div>
  );
}

function Leave() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const leave = async () => {
    await signOut().catch(() => undefined);
    endSession(client);
  };
  return (
    <Button className="link-button lock-leave" onPress={() => void leave()} data-testid="lock-sign-out">
      {t("lock.other")}
    </Button>
  );
}
