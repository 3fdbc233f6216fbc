import { Heading } from "react-aria-components/Heading";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import { CloseIcon } from "../ui/icons";

type Label =
  | "move"
  | "open"
  | "back"
  | "acknowledge"
  | "verify"
  | "dismiss"
  | "close"
  | "filter"
  | "help"
  | "goAlerts"
  | "goLive"
  | "goBoard"
  | "grid"
  | "page";
type Line = [keys: string[], label: Label];

const GROUPS: ["everywhere" | "inAlerts" | "inLive", Line[]][] = [
  [
    "everywhere",
    [
      [["F2"], "goAlerts"],
      [["F3"], "goLive"],
      [["F4"], "goBoard"],
      [["Esc"], "back"],
      [["?"], "help"],
    ],
  ],
  [
    "inAlerts",
    [
      [["j", "k", "↓", "↑"], "move"],
      [["Enter"], "open"],
      [["a"], "acknowledge"],
      [["v"], "verify"],
      [["d"], "dismiss"],
      [["c"], "close"],
      [["/"], "filter"],
    ],
  ],
  [
    "inLive",
    [
      [["1", "4", "6", "9"], "grid"],
      [["[", "]"], "page"],
      [["Enter"], "open"],
    ],
  ],
];

export function KeysHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal className="modal">
        <Dialog className="dialog" data-testid="keys-help">
          <header className="dialog-head">
            <Heading slot="title">{t("keys.title")}</Heading>
            <Button className="icon-button" aria-label={t("common.close")} onPress={onClose}>
              <CloseIcon />
            </Button>
          </header>
          <div className="keys">
            {GROUPS.map(([group, lines]) => (
              <section key={group}>
                <h3>{t(`keys.${group}`)}</h3>
                <dl>
                  {lines.map(([keys, label]) => (
                    <div key={label}>
                      <dt>
                        {keys.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </dt>
                      <dd>{t(`keys.${label}`)}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
