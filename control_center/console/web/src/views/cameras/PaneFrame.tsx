import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Camera } from "../../api/types";
import { CloseIcon } from "../../ui/icons";
import { EmptyState } from "../../ui/states";

type Props = {
  /** Null: there is none of that identifier. */
  camera: Camera | null;
  onClose: () => void;
  testId: string;
  children: (camera: Camera) => ReactNode;
};

/** A pane about one camera: its name, a way out, and what its view has to say. */
export function PaneFrame({ camera, onClose, testId, children }: Props) {
  const { t } = useTranslation();
  return (
    <section className="camera-pane" aria-label={t("register.detail")} data-testid={testId}>
      <header className="audit-entry-head">
        <h2>{camera?.name ?? t("register.detail")}</h2>
        <Button className="icon-button" aria-label={t("register.close")} onPress={onClose}>
          <CloseIcon />
        </Button>
      </header>
      {camera ? (
        <>
          <p className="quiet">
            <span translate="no">{camera.code}</span> · {camera.center_name}
          </p>
          {children(camera)}
        </>
      ) : (
        <EmptyState title={t("register.missingTitle")}>{t("register.missingBody")}</EmptyState>
      )}
    </section>
  );
}
