import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { useTranslation } from "react-i18next";
import { MOST_PICTURES, pictureUrl, type RepairDetail, type RepairPicture } from "../../api/repairs";
import { BusyButton } from "../../ui/BusyButton";
import { dateAndTime } from "../../ui/format";
import { Panel } from "../../ui/Panel";
import { Sheet } from "../../ui/Sheet";
import { isRunning } from "./tickets";
import { useAddPictures } from "./useAddPictures";

/** Photos and signatures, small; each opens large. */
export function Pictures({ ticket, mayAdd }: { ticket: RepairDetail; mayAdd: boolean }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<RepairPicture | null>(null);
  const canAdd = mayAdd && isRunning(ticket) && ticket.pictures.length < MOST_PICTURES;
  const nameOf = ({ kind, added_by, added_us }: RepairPicture) =>
    t(`repairPicture.${kind}`, { name: added_by, time: dateAndTime(added_us) });
  return (
    <Panel title={t("repair.pictures")} testId="repair-pictures" tools={canAdd ? <AddPhotos ticket={ticket} /> : null}>
      {ticket.pictures.length === 0 ? <p className="panel-text">{t("repair.noPictures")}</p> : null}
      <ul className="repair-pictures">
        {ticket.pictures.map((picture) => (
          <li key={picture.id}>
            <Button className="repair-picture" onPress={() => setShown(picture)} data-kind={picture.kind} data-testid="repair-picture">
              <img src={pictureUrl(ticket.id, picture.id)} alt={nameOf(picture)} loading="lazy" />
            </Button>
          </li>
        ))}
      </ul>
      <Sheet
        isOpen={shown !== null}
        title={shown ? nameOf(shown) : ""}
        onClose={() => setShown(null)}
        isWide
        testId="picture-dialog"
      >
        {shown ? (
          <img className="repair-large" src={pictureUrl(ticket.id, shown.id)} alt={nameOf(shown)} data-kind={shown.kind} />
        ) : null}
      </Sheet>
    </Panel>
  );
}

function AddPhotos({ ticket }: { ticket: RepairDetail }) {
  const { t } = useTranslation();
  const { add, isPending } = useAddPictures(ticket.id, "photo");
  return (
    <span className="no-print">
      {/* Any picture that the browser can read: what the server does not take is drawn anew. */}
      <FileTrigger acceptedFileTypes={["image/*"]} allowsMultiple onSelect={(files) => files && add([...files])}>
        <BusyButton className="button button-small" isBusy={isPending} data-testid="add-photo">
          {t("repair.addPhoto")}
        </BusyButton>
      </FileTrigger>
    </span>
  );
}
