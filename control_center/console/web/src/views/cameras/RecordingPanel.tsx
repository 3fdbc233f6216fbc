import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { recordingQuery } from "../../api/recording";
import type { Camera } from "../../api/types";
import { Panel } from "../../ui/Panel";
import { ErrorState, Skeleton } from "../../ui/states";
import { RecordingFacts } from "./RecordingFacts";
import { RecordingForm } from "./RecordingForm";

/** How a camera is recorded: a form for who may change it, facts for all others. */
export function RecordingPanel({ camera, mayChange }: { camera: Camera; mayChange: boolean }) {
  const { t } = useTranslation();
  const { data, isPending, error, refetch } = useQuery(recordingQuery(camera.id));
  return (
    <Panel title={t("register.recording")} testId="camera-recording">
      {isPending ? <Skeleton rows={4} className="skeleton-list" /> : null}
      {!isPending && !data ? <ErrorState error={error} onRetry={() => void refetch()} /> : null}
      {data && mayChange ? (
        // Somebody else's change is shown anew: the form starts from the version that it will name.
        <RecordingForm key={data.etag} camera={camera} recording={data.data} etag={data.etag} />
      ) : null}
      {data && !mayChange ? <RecordingFacts recording={data.data} /> : null}
    </Panel>
  );
}
