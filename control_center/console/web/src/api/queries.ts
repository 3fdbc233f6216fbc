import { infiniteQueryOptions, MutationCache, QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";
import type { AlertFilter } from "./alertCache";
import { ApiError, call, callAll } from "./client";
import type { Account, AlertDetail, AlertPage, Board, Camera, Overview, Transition } from "./types";

const PAGE = 50;
const CAMERAS_PAGE = 1000;
const OVERVIEW_POLL_MS = 10_000;
/** Roles end, sessions lock: what the server says of this one is asked for again. */
const SESSION_POLL_MS = 60_000;

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
  refetchInterval: (query) => (query.state.data ? SESSION_POLL_MS : false),
});

/** Polled as well as refreshed by events: it carries the server's clock and tells whether the server answers. */
export const overviewQuery = queryOptions({
  queryKey: keys.overview,
  queryFn: async () => ({ ...(await call<Overview>("GET", "/overview")), receivedMs: performance.now() }),
  refetchInterval: OVERVIEW_POLL_MS,
});

export const camerasQuery = queryOptions({
  queryKey: keys.cameras,
  queryFn: () => callAll<Camera>("/cameras", CAMERAS_PAGE),
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

export const transition = (id: string, step: Transition) =>
  call<AlertDetail>("POST", `/alerts/${encodeURIComponent(id)}/transitions`, step);

type Guards = { onSignedOut: () => void; onLocked: () => void; onDoubt: () => void };

/**
 * The cache of all that was fetched. A query that meets 401 ends the visit here; 423 locks the console, whoever met it;
 * a change that meets 401 only raises a doubt, for a wrong password is a 401 too.
 */
export function createQueryClient({ onSignedOut, onLocked, onDoubt }: Guards): QueryClient {
  const queryCache = new QueryCache({
    onError: (error) => {
      if (isSignedOut(error)) onSignedOut();
      if (isLocked(error)) onLocked();
    },
  });
  const mutationCache = new MutationCache({
    onError: (error) => {
      if (isSignedOut(error)) onDoubt();
      if (isLocked(error)) onLocked();
    },
  });
  return new QueryClient({
    queryCache,
    mutationCache,
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
}

export const isSignedOut = (error: unknown) =>
  error instanceof ApiError && error.status === 401 && error.kind === "not_authenticated";
export const isLocked = (error: unknown) => error instanceof ApiError && error.status === 423;
