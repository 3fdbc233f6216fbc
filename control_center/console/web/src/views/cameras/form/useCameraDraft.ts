import { useState } from "react";
import type { CameraDetail } from "../../../api/cameraColumns";
import { changeOf, type Draft, draftOf, faultsOf } from "./columns";

/** What somebody wrote over what is registered: it stays when the camera changes underneath. */
export function useCameraDraft(camera: CameraDetail | null) {
  const [written, setWritten] = useState<Partial<Draft>>({});
  const [isTold, setTold] = useState(false);
  const draft = { ...draftOf(camera), ...written };
  const faults = faultsOf(draft);
  const change = changeOf(draft, camera);
  return {
    draft,
    change,
    isChanged: Object.keys(change).length > 0,
    isGood: Object.keys(faults).length === 0,
    /** Told from the first try to save on: an empty form is no heap of errors. */
    faults: isTold ? faults : {},
    edit: (part: Partial<Draft>) => setWritten({ ...written, ...part }),
    tell: () => setTold(true),
    discard: () => {
      setWritten({});
      setTold(false);
    },
  };
}
