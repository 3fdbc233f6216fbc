import { LeadIcon } from "../../ui/icons";

/** What is shown is a lead: a person verifies it before anyone acts. */
export function LeadNote({ title, body }: { title: string; body: string }) {
  return (
    <p className="lead" data-testid="lead-note">
      <LeadIcon />
      <span>
        <b>{title}</b> {body}
      </span>
    </p>
  );
}
