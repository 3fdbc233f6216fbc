import type { GivenCamera } from "../../../api/cameraColumns";
import { type ImportReport, MOST_OF_A_BATCH, registerBatch } from "../../../api/registering";
import { joined } from "../importing/report";

type Send = typeof registerBatch;

/** Tries or writes any number of cameras in lists of the size that the server takes; ends at one that was not written. */
export async function registerAll(
  cameras: readonly GivenCamera[],
  isTrial: boolean,
  send: Send = registerBatch,
): Promise<ImportReport> {
  const reports: ImportReport[] = [];
  for (let at = 0; at < cameras.length; at += MOST_OF_A_BATCH) {
    const report = await send(cameras.slice(at, at + MOST_OF_A_BATCH), { dry_run: isTrial, partial: false });
    const isHeld = isTrial || report.written;
    reports.push(isHeld ? report : { ...report, created: 0, changed: 0, unchanged: 0 });
    if (!isHeld) break;
  }
  return joined(reports, MOST_OF_A_BATCH);
}
