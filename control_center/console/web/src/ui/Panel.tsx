import { type ReactNode, useId } from "react";

type Props = { title: string; note?: ReactNode; tools?: ReactNode; testId?: string; children: ReactNode };

export function Panel({ title, note, tools, testId, children }: Props) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id} data-testid={testId}>
      <header className="panel-head">
        <h2 className="panel-title" id={id}>
          {title}
        </h2>
        {note ? <span className="panel-note">{note}</span> : null}
        {tools}
      </header>
      {children}
    </section>
  );
}
