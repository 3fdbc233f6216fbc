import { useSyncExternalStore } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { Sheet } from "../ui/Sheet";

type Question = { title: string; body: string; action: string };
type Asked = Question & { answer: (yes: boolean) => void };

let asked: Asked | null = null;
const listeners = new Set<() => void>();

function publish(next: Asked | null): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** Ask once, before something that ends or takes away. */
export function confirmed(question: Question): Promise<boolean> {
  asked?.answer(false);
  return new Promise((resolve) => publish({ ...question, answer: resolve }));
}

function settle(yes: boolean): void {
  asked?.answer(yes);
  publish(null);
}

/** A question names people: it goes when the console locks. */
export const dropQuestion = () => settle(false);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows the question that is open, wherever it was asked. */
export function Questions() {
  const { t } = useTranslation();
  const question = useSyncExternalStore(subscribe, () => asked);
  return (
    <Sheet
      isOpen={question !== null}
      title={question?.title ?? ""}
      role="alertdialog"
      onClose={() => settle(false)}
      testId="confirm-dialog"
    >
      <p className="dialog-text">{question?.body}</p>
      <div className="dialog-buttons">
        <Button className="button" onPress={() => settle(false)}>
          {t("act.cancel")}
        </Button>
        {/* The question opens for its answer. */}
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
        <Button className="button button-grave" onPress={() => settle(true)} autoFocus data-testid="confirm">
          {question?.action}
        </Button>
      </div>
    </Sheet>
  );
}
