import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { describe } from "../i18n/describe";

export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty" data-testid="empty-state">
      <p className="empty-title">{title}</p>
      {children ? <p className="empty-body">{children}</p> : null}
      {action}
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="empty" role="alert" data-testid="error-state">
      <p className="empty-title">{t("common.errorTitle")}</p>
      <p className="empty-body">{describe(error)}</p>
      <Button className="button" onPress={onRetry}>
        {t("common.retry")}
      </Button>
    </div>
  );
}

/** Grey bars where content will stand. */
export function Skeleton({ rows, className = "" }: { rows: number; className?: string }) {
  const { t } = useTranslation();
  return (
    <div className={`skeleton ${className}`} role="status" aria-label={t("common.loading")} data-testid="skeleton">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" />
      ))}
    </div>
  );
}
