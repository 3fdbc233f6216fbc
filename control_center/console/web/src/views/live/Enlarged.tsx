import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import type { Account, Camera } from "../../api/types";
import { LiveVideo } from "../../media/LiveVideo";
import { isLockedHere } from "../../shell/lock";
import { may } from "../../shell/rights";
import { CameraStateMark } from "../../ui/badges";
import { CloseIcon } from "../../ui/icons";
import { CameraFault } from "./CameraFault";
import { Steer } from "./ptz/Steer";
import { Since } from "./Since";
import { hasPicture } from "./Tile";

type Props = { camera: Camera | null; account: Account; onClose: () => void };

export function Enlarged({ camera, account, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      className="overlay overlay-picture"
      isOpen={camera !== null}
      onOpenChange={(open) => !open && onClose()}
      isDismissable
    >
      <Modal className="enlarged">
        <Dialog className="enlarged-dialog" data-testid="live-enlarged">
          {camera ? (
            <>
              <header className="enlarged-head">
                <Heading slot="title">{camera.name}</Heading>
                <span className="tile-code">{camera.code}</span>
                <span className="quiet">{camera.center_name}</span>
                <CameraStateMark state={camera.state} />
                <Since us={camera.state_since_us} />
                <Button className="icon-button" aria-label={t("live.shrink")} onPress={onClose}>
                  <CloseIcon />
                </Button>
              </header>
              <div className="frame">
                {hasPicture(camera) ? <LiveVideo camera={camera} size="large" /> : null}
                <CameraFault camera={camera} />
              </div>
              {may(account, "steer") && !isLockedHere(account) ? <Steer key={camera.id} camera={camera} /> : null}
            </>
          ) : null}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
