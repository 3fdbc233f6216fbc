import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { Secret } from "../../ui/Secret";
import { Sheet } from "../../ui/Sheet";

type Props = { name: string; password: string | null; onClose: () => void };

/** Shown once; nobody can read it again. */
export function OneTimePassword({ name, password, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet
      isOpen={password !== null}
      title={t("person.oneTime", { name })}
      onClose={onClose}
      testId="one-time-dialog"
      isKept
    >
      <p className="dialog-text">{t("person.oneTimeBody")}</p>
      <Secret value={password ?? ""} label={t("person.oneTimeLabel")} testId="one-time-password" />
      <div className="dialog-buttons">
        <Button className="button button-primary" onPress={onClose} data-testid="one-time-done">
          {t("secret.kept")}
        </Button>
      </div>
    </Sheet>
  );
}
