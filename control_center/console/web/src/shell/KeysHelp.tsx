import { Heading } from "react-aria-components/Heading";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import type { Account, Right } from "../api/types";
import { CloseIcon } from "../ui/icons";
import { may, maySee } from "./rights";
import type { View } from "./routing";

type Label =
  | "move"
  | "open"
  | "back"
  | "acknowledge"
  | "verify"
  | "dismiss"
  | "close"
  | "lockFootage"
  | "filter"
  | "help"
  | "lock"
  | "goAlerts"
  | "goLive"
  | "goCameras"
  | "goMap"
  | "goBoard"
  | "goLookUps"
  | "goEvidence"
  | "goLoans"
  | "goPeople"
  | "goAudit"
  | "goAccount"
  | "grid"
  | "page"
  | "walkMap"
  | "panMap"
  | "zoomMap"
  | "fitMap"
  | "steer"
  | "zoom"
  | "preset"
  | "home"
  | "search"
  | "changeLookUp";
type Line = [keys: string[], label: Label, view?: View];
type Group = [name: "everywhere" | "inAlerts" | "inLive" | "inSteering" | "inMap" | "inLookUps" | "inLists", lines: Line[], views: View[], right?: Right];

/** A line or group is shown to those who may see one of its views, and have the right that it names. */
const GROUPS: Group[] = [
  [
    "everywhere",
    [
      [["F2"], "goAlerts", "alerts"],
      [["F3"], "goLive", "live"],
      [["r"], "goCameras", "cameras"],
      [["g"], "goMap", "map"],
      [["F4"], "goBoard", "board"],
      [["q"], "goLookUps", "look-ups"],
      [["e"], "goEvidence", "evidence"],
      [["F7"], "goLoans", "loans"],
      [["F8"], "goPeople", "people"],
      [["F9"], "goAudit", "audit"],
      [["m"], "goAccount"],
      [["Shift", "L"], "lock"],
      [["Esc"], "back"],
      [["?"], "help"],
    ],
    ["account"],
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
      [["h"], "lockFootage", "evidence"],
      [["/"], "filter"],
    ],
    ["alerts"],
  ],
  [
    "inLive",
    [
      [["1", "4", "6", "9"], "grid"],
      [["[", "]"], "page"],
      [["Enter"], "open"],
    ],
    ["live"],
  ],
  [
    "inSteering",
    [
      [["←", "→", "↑", "↓"], "steer"],
      [["+", "-"], "zoom"],
      [["1", "…", "9"], "preset"],
      [["Home"], "home"],
    ],
    ["live"],
    "steer",
  ],
  [
    "inMap",
    [
      [["←", "→", "↑", "↓"], "walkMap"],
      [["Shift", "←"], "panMap"],
      [["+", "-"], "zoomMap"],
      [["0"], "fitMap"],
      [["Enter"], "open"],
    ],
    ["map"],
  ],
  [
    "inLookUps",
    [
      [["Enter"], "search"],
      [["j", "k", "↓", "↑"], "move"],
      [["/"], "changeLookUp"],
    ],
    ["look-ups"],
  ],
  [
    "inLists",
    [
      [["j", "k", "↓", "↑"], "move"],
      [["Enter"], "open"],
      [["/"], "filter"],
    ],
    ["people", "loans", "audit", "evidence", "cameras", "map"],
  ],
];

type Props = { account: Account; isOpen: boolean; onClose: () => void };

export function KeysHelp({ account, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const groups = GROUPS.filter(
    ([, , views, right]) => views.some((view) => maySee(account, view)) && (!right || may(account, right)),
  );
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
            {groups.map(([group, lines]) => (
              <section key={group}>
                <h3>{t(`keys.${group}`)}</h3>
                <dl>
                  {lines.filter(([, , view]) => !view || maySee(account, view)).map(([keys, label]) => (
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
