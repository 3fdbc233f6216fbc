import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, callAll, callTagged, query } from "./client";
import type {
  Center,
  Loan,
  Person,
  PersonDetail,
  Policy,
  RoleInfo,
  SessionRow,
  SignInMethods,
  TokenRow,
} from "./identityTypes";
import type { Account, Page, Right, Role } from "./types";

const PAGE = 50;
const CENTERS_PAGE = 1000;

export const identityKeys = {
  methods: ["methods"] as const,
  policy: ["policy"] as const,
  roles: ["roles"] as const,
  centers: ["centers"] as const,
  ownSessions: ["own-sessions"] as const,
  ownTokens: ["own-tokens"] as const,
  people: ["people"] as const,
  person: (id: string) => ["person", id] as const,
  sessions: ["sessions"] as const,
  loans: ["loans"] as const,
};

const id = encodeURIComponent;

// Signing in, locking, one's own password

export const methodsQuery = queryOptions({
  queryKey: identityKeys.methods,
  queryFn: () => call<SignInMethods>("GET", "/session/methods"),
});

type Entrance = { account: Account };
export const signIn = (username: string, password: string, code?: string) =>
  call<Entrance>("POST", "/session", { username, password, ...(code ? { code } : {}) });
export const signOut = () => call<undefined>("DELETE", "/session");
export const tellActivity = () => call<undefined>("POST", "/session/activity");
export const lock = () => call<undefined>("POST", "/session/lock");
export const unlock = (password: string, code?: string) =>
  call<undefined>("POST", "/session/unlock", { password, ...(code ? { code } : {}) });
export const setPassword = (newPassword: string, currentPassword?: string) =>
  call<undefined>("POST", "/session/password", {
    new_password: newPassword,
    ...(currentPassword === undefined ? {} : { current_password: currentPassword }),
  });

/** Where the browser goes to sign in at the provider; the server redirects. */
export const OIDC_PATH = "/api/v1/session/oidc";

// One's own second factor, sessions and tokens

export const beginEnrolment = (password: string) =>
  call<{ secret: string; uri: string }>("POST", "/session/second-factor", { password });
export const confirmEnrolment = (code: string) =>
  call<{ recovery_codes: string[] }>("POST", "/session/second-factor/confirm", { code });
export const removeSecondFactor = (password: string, code: string) =>
  call<undefined>("POST", "/session/second-factor/remove", { password, code });

export const ownSessionsQuery = queryOptions({
  queryKey: identityKeys.ownSessions,
  queryFn: () => call<{ items: SessionRow[] }>("GET", "/session/others").then(({ items }) => items),
});
export const endOwnSession = (session: string) => call<undefined>("DELETE", `/session/others/${id(session)}`);

export const ownTokensQuery = queryOptions({
  queryKey: identityKeys.ownTokens,
  queryFn: () => call<{ items: TokenRow[] }>("GET", "/tokens").then(({ items }) => items),
});
export type NewToken = { name: string; rights: Right[]; days: number; password: string; code?: string };
export const makeToken = (wanted: NewToken) => call<TokenRow & { token: string }>("POST", "/tokens", wanted);
export const revokeOwnToken = (token: string) => call<undefined>("DELETE", `/tokens/${id(token)}`);

// What everybody who works here may know

export const policyQuery = queryOptions({
  queryKey: identityKeys.policy,
  queryFn: () => call<Policy>("GET", "/policy"),
});
export const rolesQuery = queryOptions({
  queryKey: identityKeys.roles,
  queryFn: () => call<{ items: RoleInfo[] }>("GET", "/roles").then(({ items }) => items),
  staleTime: Infinity,
});
export const centersQuery = queryOptions({
  queryKey: identityKeys.centers,
  queryFn: () => callAll<Center>("/centers", CENTERS_PAGE),
});

// People

export type PeopleFilter = { q: string; center_id: string | null; state: "active" | "disabled" | "all" };
export const peopleQuery = (filter: PeopleFilter) =>
  infiniteQueryOptions({
    queryKey: [...identityKeys.people, filter],
    queryFn: ({ pageParam }) =>
      call<Page<Person>>(
        "GET",
        `/accounts?${query({
          q: filter.q.trim(),
          center_id: filter.center_id,
          state: filter.state === "all" ? null : filter.state,
          limit: PAGE,
          cursor: pageParam,
        })}`,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData, // while the next letter is looked up
  });
export const personQuery = (person: string) =>
  queryOptions({
    queryKey: identityKeys.person(person),
    queryFn: () => callTagged<PersonDetail>("GET", `/accounts/${id(person)}`),
  });

export type NewPerson = {
  username: string;
  display_name: string;
  center_id: string;
  roles: { role: Role; center_id: string }[];
};
export const makePerson = (wanted: NewPerson) =>
  call<{ account: Person; one_time_password: string }>("POST", "/accounts", wanted);
export type PersonChange = { display_name?: string; center_id?: string };
export const changePerson = (person: string, change: PersonChange, etag: string | null) =>
  callTagged<Person>("PATCH", `/accounts/${id(person)}`, change, etag);
export const giveRole = (person: string, role: Role, center: string) =>
  call<Person>("POST", `/accounts/${id(person)}/roles`, { role, center_id: center });
export const takeRole = (person: string, grant: string) =>
  call<Person>("DELETE", `/accounts/${id(person)}/roles/${id(grant)}`);
export const issuePassword = (person: string) =>
  call<{ one_time_password: string }>("POST", `/accounts/${id(person)}/password`);
export const disable = (person: string) => call<undefined>("POST", `/accounts/${id(person)}/disable`);
export const enable = (person: string) => call<undefined>("POST", `/accounts/${id(person)}/enable`);
export const resetSecondFactor = (person: string) => call<undefined>("DELETE", `/accounts/${id(person)}/second-factor`);
export const revokeToken = (person: string, token: string) =>
  call<undefined>("DELETE", `/accounts/${id(person)}/tokens/${id(token)}`);

// Sessions and loans

export const sessionsQuery = infiniteQueryOptions({
  queryKey: identityKeys.sessions,
  queryFn: ({ pageParam }) => call<Page<SessionRow>>("GET", `/sessions?${query({ limit: PAGE, cursor: pageParam })}`),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
});
export const endSessionOf = (session: string) => call<undefined>("DELETE", `/sessions/${id(session)}`);

export const loansQuery = infiniteQueryOptions({
  queryKey: identityKeys.loans,
  queryFn: ({ pageParam }) => call<Page<Loan>>("GET", `/loans?${query({ limit: PAGE, cursor: pageParam })}`),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor ?? null,
});
export type NewLoan = { username: string; role: Role; center_id: string; until_us: number; reason: string };
export const lend = (wanted: NewLoan) => call<Loan>("POST", "/loans", wanted);
export const endLoan = (loan: string) => call<undefined>("DELETE", `/loans/${id(loan)}`);
