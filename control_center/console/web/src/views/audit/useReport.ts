import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ReportFilter, reportPage } from "../../api/audit";
import type { Reason, ReportRow, ReportTotals } from "../../api/identityTypes";
import { Cancelled, withReason } from "../../shell/reasons";

export type Report = {
  filter: ReportFilter;
  reason: Partial<Reason>;
  rows: ReportRow[];
  totals: ReportTotals | null;
  /** There are more looks than a page of paper should hold. */
  isCut: boolean;
  made_us: number;
};

const MOST_ROWS = 5_000;

/** A report is made when it is asked for, whole, under the reason that was given for it. */
export function useReport() {
  const client = useQueryClient();
  const [report, setReport] = useState<Report | null>(null);
  const make = useMutation({
    mutationFn: (filter: ReportFilter) => withReason(client, "report", (reason) => fetchAll(filter, reason)),
    onSuccess: setReport,
    onError: (error) => {
      if (error instanceof Cancelled) make.reset();
    },
  });
  return { report, make };
}

async function fetchAll(filter: ReportFilter, reason: Partial<Reason>): Promise<Report> {
  const first = await reportPage(filter, reason, null);
  const rows = [...first.items];
  let cursor = first.next_cursor;
  while (cursor !== null && rows.length < MOST_ROWS) {
    const page = await reportPage(filter, reason, cursor);
    rows.push(...page.items);
    cursor = page.next_cursor;
  }
  return { filter, reason, rows, totals: first.totals, isCut: cursor !== null, made_us: Date.now() * 1000 };
}
