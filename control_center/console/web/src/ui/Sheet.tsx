import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { CloseIcon } from "./icons";

type Props = {
  isOpen: boolean;
  title: string;
  onClose: () => void;
  testId: string;
  isWide?: boolean;
  /** What is shown once must be closed by hand. */
  isKept?: boolean;
  role?: "dialog" | "alertdialog";
  children: ReactNode;
};

/** A dialog with a title and a way out. */
export function Sheet({
  isOpen,
  title,
  onClose,
  testId,
  isWide = false,
  isKept = false,
  role = "dialog",
  children,
}: Props) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isKept}
      isKeyboardDismissDisabled={isKept}
    >
      <Modal className={isWide ? "modal" : "modal modal-narrow"}>
        <Dialog className="dialog" role={role} data-testid={testId}>
          <header className="dialog-head">
            <Heading slot="title">{title}</Heading>
            {isKept ? null : (
              <Button className="icon-button" aria-label={t("common.close")} onPress={onClose}>
                <CloseIcon />
              </Button>
            )}
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
