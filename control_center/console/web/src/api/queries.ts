import { queryOptions, infiniteQueryOptions, QueryClient } from "@tanstack/react-query";
import type { AlertFilter } from "./alertCache";
import { ApiError, call } from "./client";
import type { Account, AlertDetail, AlertPage, Board, Camera, Overview, Transition } from "./types";

const PAGE = 50;
const OVERVIEW_POLL_MS = 10_000;

export const keys = {
  session: ["session"] as const,
  overview: ["overview"] as const,
  cameras: ["cameras"] as const,
  alerts: ["alerts"] as const,
  alert: (id: string) => ["alert", id] as const,
  board: ["board"] as const,
};

/** Null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: (): Promise<Account | null> =>
    call<{ account: Account }>("GET", "/session").then(
      ({ account }) => account,
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      },
    ),
  staleTime: Infinity,
});

/** Polled as well as refreshed by events: it carries the server's clock and tells whether the server answers. */
export const overviewQuery = queryOptions({
  queryKey: keys.overview,
  queryFn: async () => ({ ...(await call<Overview>("GET", "/overview")), receivedMs: performance.now() }),
  refetchInterval: OVERVIEW_POLL_MS,
});

export const camerasQuery = queryOptions({
  queryKey: keys.cameras,
  queryFn: () => call<{ items: Camera[] }>("GET", "/cameras").then(({ items }) => items),
});

export const boardQuery = queryOptions({ queryKey: keys.board, queryFn: () => call<Board>("GET", "/board") });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: keys.alert(id),
    queryFn: () => call<AlertDetail>("GET", `/alerts/${encodeURIComponent(id)}`),
  });

export const alertsQuery = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.alerts, filter],
    queryFn: ({ pageParam }) => call<AlertPage>("GET", `/alerts?${alertParams(filter, pageParam)}`),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

function alertParams(filter: AlertFilter, cursor: string | null): URLSearchParams {
  const params = new URLSearchParams({ limit: String(PAGE) });
  if (filter.state !== "all") params.set("state", filter.state);
  if (filter.kind !== "all") params.set("kind", filter.kind);
  if (cursor !== null) params.set("cursor", cursor);
  return params;
}

export const signIn = (username: string, password: string) =>
  call<{ account: Account }>("POST", "/session", { username, password });
export const signOut = () => call<undefined>("DELETE", "/session");
export const setPassword = (newPassword: string) =>
  call<undefined>("POST", "/session/password", { new_password: newPassword });
export const transition = (id: string, step: Transition) =>
  call<AlertDetail>("POST", `/alerts/${encodeURIComponent(id)}/transitions`, step);

export function createQueryClient(onSignedOut: () => void): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        // Loopback and offline networks count as "offline" in some browsers; the server is still there.
        networkMode: "always",
        retry: (count, error) => !(error instanceof ApiError) && count < 2,
      },
      mutations: { networkMode: "always" },
    },
  });
  client.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error" && isSignedOut(event.action.error)) onSignedOut();
  });
  return client;
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
