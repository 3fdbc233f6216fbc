import { identityKeys } from "../../api/identity";
import type { Person } from "../../api/identityTypes";
import { type Act, useAct } from "../../shell/useAct";

export type PersonAct = (wanted: Omit<Act, "touches">) => void;

/** A change of one person: the person, the list and the sessions are old after it. */
export function usePersonAct(person: Person) {
  const { act, isPending } = useAct();
  const touches = [identityKeys.person(person.id), identityKeys.people, identityKeys.sessions];
  const run: PersonAct = (wanted) => act({ ...wanted, touches });
  return { act: run, isPending };
}
