import { faultText } from "./faults";

type Props = { error: unknown; wait: number; wrong: string };

/** What went wrong with an attempt; the place is kept, so that nothing jumps. */
export function Fault({ error, wait, wrong }: Props) {
  return (
    <p className="form-error" role="alert" data-testid="form-error">
      {error ? faultText(error, wrong, wait) : ""}
    </p>
  );
}
