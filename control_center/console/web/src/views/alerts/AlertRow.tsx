import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Alert } from "../../api/types";
import { pick } from "../../i18n";
import { Plate, StateBadge } from "../../ui/badges";
import { CameraIcon } from "../../ui/icons";
import { Time } from "../../ui/Time";
import { headline } from "./headline";

type Props = { alert: Alert; isCursor: boolean; isOpen: boolean; isFresh: boolean; onOpen: (id: string) => void };

export const AlertRow = memo(function AlertRow({ alert, isCursor, isOpen, isFresh, onOpen }: Props) {
  const { t } = useTranslation();
  const { subject, rest } = headline(pick(alert.title), alert.plate);
  return (
    // The list box around takes the keys for all rows.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={rowId(alert.id)}
      className="row"
      role="option"
      tabIndex={-1}
      aria-selected={isOpen}
      data-testid="alert-row"
      data-alert-id={alert.id}
      data-state={alert.state}
      data-severity={alert.severity}
      data-cursor={isCursor}
      data-fresh={isFresh}
      onClick={() => onOpen(alert.id)}
    >
      <div className="row-top">
        {alert.plate ? <Plate plate={alert.plate} /> : <b className="row-subject">{subject}</b>}
        <Time us={alert.created_us} isBrief />
      </div>
      <div className="row-middle">{rest}</div>
      <div className="row-bottom">
        <StateBadge state={alert.state} />
        {alert.verifications_needed > 1 && isInHand(alert) ? (
          <span className="row-verified">
            {t("alerts.verifiedOf", { n: alert.verifications, needed: alert.verifications_needed })}
          </span>
        ) : null}
        <span className="row-place">
          {alert.camera ? (
            <>
              <CameraIcon />
              {alert.camera.name}
            </>
          ) : (
            alert.center_name
          )}
        </span>
      </div>
    </div>
  );
});

export const rowId = (alertId: string) => `alert-${alertId}`;

const isInHand = ({ state }: Alert) => state === "new" || state === "acknowledged";
