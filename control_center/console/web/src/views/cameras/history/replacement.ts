import type { CameraDetail } from "../../../api/cameraColumns";
import { REPLACED_COLUMNS, type ReplacedColumn, type Replacement } from "../../../api/registering";

export type ReplacementDraft = Record<ReplacedColumn | "username" | "password" | "reason", string>;

/** What goes on as it was stands there already; what belongs to the old device alone is empty. */
export function draftOf(camera: CameraDetail): ReplacementDraft {
  const kept = ["maker", "model", "main_url", "sub_url", "onvif_url"] as const;
  const texts = Object.fromEntries(REPLACED_COLUMNS.map((column) => [column, ""]));
  for (const column of kept) texts[column] = camera[column] ?? "";
  return { ...(texts as Record<ReplacedColumn, string>), username: camera.username ?? "", password: "", reason: "" };
}

/** What is filled, as the server takes it. */
export function replacementOf(draft: ReplacementDraft): Replacement {
  const filled = Object.entries(draft)
    .map(([name, text]) => [name, name === "password" ? text : text.trim()] as const)
    .filter(([name, text]) => text !== "" && !(name === "username" && draft.password === ""));
  return { reason: "", ...Object.fromEntries(filled) };
}
