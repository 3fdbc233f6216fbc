import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { describe } from "../../i18n/describe";

/** Why nothing was looked up; what passes by itself is told as such. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const isPending = error instanceof ApiError && error.kind === "unavailable";
  return (
    <div className="empty" role="alert" data-testid="look-up-failed" data-pending={isPending}>
      <p className="empty-title">{t(isPending ? "lookUp.pendingTitle" : "lookUp.failedTitle")}</p>
      <p className="empty-body">{isPending ? t("lookUp.pendingBody") : describe(error)}</p>
      <Button className="button" onPress={onRetry} data-testid="look-up-retry">
        {t("common.retry")}
      </Button>
    </div>
  );
}
