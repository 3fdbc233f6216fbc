import { useTranslation } from "react-i18next";
import type { Account } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { go, hrefOf } from "../../shell/routing";
import { PreviousIcon } from "../../ui/icons";
import { DiscoverWizard } from "./discover/DiscoverWizard";
import { AddForm } from "./form/AddForm";
import { ImportWizard } from "./importing/ImportWizard";
import { PasswordsPage } from "./passwords/PasswordsPage";
import type { Task } from "./tasks";

/** A page of its own for what takes several steps. */
export function RegisteringPage({ task, account }: { task: Task; account: Account }) {
  const { t } = useTranslation();
  useKeys({ back: () => go("cameras") });
  return (
    <div className="page" data-testid={`registering-${task}`}>
      <header className="page-head">
        <a className="icon-button" href={hrefOf("cameras")} aria-label={t("registering.toRegister")}>
          <PreviousIcon />
        </a>
        <h1>{t(`registering.${task}`)}</h1>
        <p className="page-lead">{t(`registeringLead.${task}`)}</p>
      </header>
      {task === "discover" ? <DiscoverWizard account={account} /> : null}
      {task === "import" ? <ImportWizard /> : null}
      {task === "passwords" ? <PasswordsPage /> : null}
      {task === "add" ? <AddForm account={account} /> : null}
    </div>
  );
}
