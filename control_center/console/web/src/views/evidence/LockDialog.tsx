import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type EvidenceLock, evidenceKeys, extendLock, footageQuery, lockFootage, type Span } from "../../api/evidence";
import { camerasQuery } from "../../api/queries";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { lastReason } from "../../shell/reasons";
import { DialogButtons } from "../../ui/DialogButtons";
import { CameraPicker } from "../../ui/CameraPicker";
import { Moment } from "../../ui/Moment";
import { Sheet } from "../../ui/Sheet";
import { RecordedShare } from "./RecordedShare";
import { faultOf, holds, inMinutes, recent, windowAround } from "./spans";
import { Timeline } from "./Timeline";
import { useGood, WhyFields } from "./WhyFields";

/** What the dialog begins with: nothing, a span of a camera, or a lock that is to be widened. */
export type LockDraft = { cameraId: string | null; span: Span | null; lock: EvidenceLock | null };
export const NEW_LOCK: LockDraft = { cameraId: null, span: null, lock: null };
export const draftOf = (lock: EvidenceLock): LockDraft => ({ cameraId: lock.camera.id, span: lock, lock });

type Props = { draft: LockDraft | null; onClose: () => void };

export function LockDialog({ draft, onClose }: Props) {
  const { t } = useTranslation();
  const title = draft?.lock ? t("lockFootage.extendTitle", { name: draft.lock.camera.name }) : t("lockFootage.make");
  return (
    <Sheet isOpen={draft !== null} title={title} onClose={onClose} testId="lock-dialog" isWide>
      {draft ? <LockForm draft={draft} onDone={onClose} /> : null}
    </Sheet>
  );
}

function LockForm({ draft, onDone }: { draft: LockDraft; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { lock } = draft;
  const [nowUs] = useState(() => Date.now() * 1000);
  const [cameraId, setCamera] = useState(draft.cameraId);
  const [span, setSpan] = useState<Span>(() => inMinutes(draft.span ?? recent(nowUs)));
  const [window, setWindow] = useState(() => windowAround(span));
  const [why, setWhy] = useState(() => (lock?.case_number ? { reason: "", case_number: lock.case_number } : lastReason()));
  const good = useGood(why);
  const fault = faultOf(span, lock, nowUs);
  const cameras = useQuery(camerasQuery).data;
  const footage = useQuery({ ...footageQuery(cameraId ?? "", window), enabled: cameraId !== null });
  const choose = (next: Span) => {
    setSpan(next);
    // An end that was typed may lie far away; one that is dragged cannot leave the window.
    if (!holds(window, next) && next.end_us > next.start_us) setWindow(windowAround(next));
  };
  const locking = useMutation({
    mutationFn: async () => {
      if (good === null || cameraId === null) return;
      await (lock ? extendLock(lock, span, good) : lockFootage(cameraId, span, good));
    },
    onSuccess: () => {
      notify("info", lock ? t("lockFootage.extended") : t("lockFootage.made"));
      onDone();
    },
    onSettled: () =>
      Promise.all(Object.values(evidenceKeys).map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const isGood = good !== null && cameraId !== null && fault === null;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isGood && !locking.isPending) locking.mutate();
  };
  return (
    <form onSubmit={submit}>
      <p className="dialog-text">{lock ? t("lockFootage.extendLead") : t("lockFootage.dialogLead")}</p>
      {draft.cameraId === null ? (
        <CameraPicker label={t("detail.camera")} value={cameraId} onChange={setCamera} testId="lock-camera" />
      ) : null}
      {draft.cameraId !== null && lock === null ? (
        <p className="dialog-text">
          <b>{cameras?.find(({ id }) => id === cameraId)?.name}</b>
        </p>
      ) : null}
      <div className="lock-ends">
        <Moment
          label={t("audit.from")}
          us={span.start_us}
          onChange={(us) => us !== null && choose({ ...span, start_us: us })}
          isInvalid={fault !== null}
          testId="lock-from"
        />
        <Moment
          label={t("audit.to")}
          us={span.end_us}
          onChange={(us) => us !== null && choose({ ...span, end_us: us })}
          isInvalid={fault !== null}
          testId="lock-to"
        />
      </div>
      <Timeline window={window} footage={footage.data} span={span} onChange={choose} />
      <p className="lock-recorded" role="status">
        {cameraId === null ? t("lockFootage.chooseCamera") : null}
        {footage.isError ? describe(footage.error) : null}
        {footage.data ? <RecordedShare span={span} recorded={within(footage.data.recorded, span)} isBrief /> : null}
      </p>
      <WhyFields why={why} onChange={setWhy} hasAutoFocus={draft.cameraId !== null} />
      <DialogButtons
        fault={fault ? t(`lockFault.${fault}`) : locking.isError ? describe(locking.error) : null}
        onCancel={onDone}
        isGood={isGood}
        isBusy={locking.isPending}
        testId="lock-confirm"
      >
        {lock ? t("lockFootage.extend") : t("lockFootage.make")}
      </DialogButtons>
    </form>
  );
}

/** Of what the window has, that within the span. */
function within(recorded: EvidenceLock["recorded"], span: Span): EvidenceLock["recorded"] {
  if (recorded === null) return null;
  const overlap = ([start, end]: [number, number]) =>
    Math.max(0, Math.min(end, span.end_us) - Math.max(start, span.start_us));
  return { ...recorded, covered_us: recorded.spans.reduce((sum, one) => sum + overlap(one), 0) };
}
