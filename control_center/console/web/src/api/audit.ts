import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, callFile, query, stated } from "./client";
import type { AuditEntry, AuditStatus, Reason, ReportPage, Verification } from "./identityTypes";
import type { Page } from "./types";

const PAGE = 50;
const REPORT_PAGE = 200;

export const auditKeys = {
  trail: ["audit"] as const,
  actions: ["audit-actions"] as const,
  status: ["audit-status"] as const,
  report: ["report"] as const,
};

/** What a search, an export and the trail's list have in common. Empty strings ask for nothing. */
export type AuditFilter = {
  from_us: number | null;
  to_us: number | null;
  actor: string;
  action: string;
  subject: string;
  case_number: string;
  center_id: string | null;
  text: string;
};

export const EVERYTHING: AuditFilter = {
  from_us: null,
  to_us: null,
  actor: "",
  action: "",
  subject: "",
  case_number: "",
  center_id: null,
  text: "",
};

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [...auditKeys.trail, filter],
    queryFn: ({ pageParam }) =>
      call<Page<AuditEntry>>("GET", `/audit?${query({ ...filter, limit: PAGE, cursor: pageParam })}`),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });

export const actionsQuery = queryOptions({
  queryKey: auditKeys.actions,
  queryFn: () => call<{ items: string[] }>("GET", "/audit/actions").then(({ items }) => items),
  staleTime: Infinity,
});

export const auditStatusQuery = queryOptions({
  queryKey: auditKeys.status,
  queryFn: () => call<AuditStatus>("GET", "/audit/status"),
});

export const verifyChain = () => call<Verification>("POST", "/audit/verifications");

export type ExportFormat = "jsonl" | "csv";
export const exportTrail = (filter: AuditFilter, format: ExportFormat, reason: Partial<Reason>) =>
  callFile("/audit/exports", {
    // `case_number` is the case that the export is for; that of the entries has a name of its own.
    ...stated({ ...filter, case_number: null, filter_case_number: filter.case_number }),
    format,
    ...stated(reason),
  });

export type ReportFilter = {
  from_us: number;
  to_us: number;
  actor: string;
  subject: string;
  camera_id: string;
};

export const reportPage = (filter: ReportFilter, reason: Partial<Reason>, cursor: string | null) =>
  call<ReportPage>("POST", "/audit/reports", {
    ...stated(filter),
    ...stated(reason),
    limit: REPORT_PAGE,
    ...(cursor === null ? {} : { cursor }),
  });
