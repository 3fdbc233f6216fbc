import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Rotation, rotationKey, rotationQuery } from "../../../api/rotations";
import { ErrorState, Skeleton } from "../../../ui/states";
import { RotationState } from "./RotationState";
import { RotationWizard } from "./RotationWizard";

/** New passwords for devices: how far the newest rotation is, and the way to begin another. */
export function PasswordsPage() {
  const client = useQueryClient();
  const query = useQuery(rotationQuery);
  /** Cameras to begin with; null: nobody chooses any. */
  const [choosing, setChoosing] = useState<readonly string[] | null>(null);
  const show = (rotation: Rotation) => {
    client.setQueryData(rotationKey, rotation);
    setChoosing(null);
  };
  if (choosing) return <RotationWizard cameraIds={choosing} onStarted={show} onCancel={() => setChoosing(null)} />;
  if (query.isPending) return <Skeleton rows={6} className="skeleton-page" />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <RotationState rotation={query.data} onChange={show} onChoose={setChoosing} />;
}
