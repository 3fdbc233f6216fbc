import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { CameraDetail } from "../../../api/cameraColumns";
import { cameraQuery } from "../../../api/registering";
import { Panel } from "../../../ui/Panel";
import { ErrorState, Skeleton } from "../../../ui/states";
import { ReplaceDialog } from "../history/ReplaceDialog";
import { GROUPS } from "./columns";
import { RegisterForm } from "./RegisterForm";

/** All columns of a camera: a form for who may register cameras, facts for all others. */
export function RegisterPanel({ cameraId, mayChange }: { cameraId: string; mayChange: boolean }) {
  const { t } = useTranslation();
  const [isReplacing, setReplacing] = useState(false);
  const { data, isPending, error, refetch } = useQuery(cameraQuery(cameraId));
  if (isPending) return <Skeleton rows={6} className="skeleton-list" />;
  if (!data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!mayChange) return <Facts camera={data.data} />;
  return (
    <Panel
      title={t("cameraForm.title")}
      tools={
        <Button className="button button-small" onPress={() => setReplacing(true)} data-testid="replace-device">
          {t("replacing.open")}
        </Button>
      }
      testId="camera-register"
    >
      <RegisterForm camera={data.data} etag={data.etag} />
      <ReplaceDialog camera={data.data} isOpen={isReplacing} onClose={() => setReplacing(false)} />
    </Panel>
  );
}

/** The columns that are filled. */
function Facts({ camera }: { camera: CameraDetail }) {
  const { t } = useTranslation();
  const groups = GROUPS.map(([group, columns]) => [group, columns.filter((column) => camera[column] !== null)] as const);
  return groups
    .filter(([, columns]) => columns.length > 0)
    .map(([group, columns]) => (
      <Panel key={group} title={t(`columnGroup.${group}`)} testId="camera-facts">
        <dl className="pairs camera-facts">
          {columns.map((column) => (
            <div key={column}>
              <dt>{t(`column.${column}`)}</dt>
              <dd>{camera[column]}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    ));
}
