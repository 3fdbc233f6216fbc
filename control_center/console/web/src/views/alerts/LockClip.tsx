import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Clip } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { LockIcon } from "../../ui/icons";
import { LockDialog, type LockDraft } from "../evidence/LockDialog";
import { around } from "../evidence/spans";

/** Keeps what an alert shows, beyond the time that it does so by itself. */
export function LockClip({ clip }: { clip: Clip }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<LockDraft | null>(null);
  const begin = () => setDraft({ cameraId: clip.camera_id, span: around(clip), lock: null });
  useKeys({ lockFootage: begin });
  return (
    <>
      <Button className="button button-small" onPress={begin} data-testid="lock-clip">
        <LockIcon />
        {t("lockFootage.make")}
      </Button>
      <LockDialog draft={draft} onClose={() => setDraft(null)} />
    </>
  );
}
