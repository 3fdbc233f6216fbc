import { useSyncExternalStore } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { CloseIcon } from "../ui/icons";

type Action = { label: string; run: () => void };
type Message = { id: number; tone: "info" | "warning"; text: string; action: Action | null };

const SHOWN_MS = { info: 4_000, warning: 10_000 };
/** Long enough to read, decide and reach the button. */
const WITH_ACTION_MS = 12_000;
const MOST_SHOWN = 4;
let messages: readonly Message[] = [];
let spoken = "";
let lastId = 0;
const listeners = new Set<() => void>();

function publish(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

const drop = (id: number) => publish(messages.filter((message) => message.id !== id));

export function notify(tone: Message["tone"], text: string, action: Action | null = null): void {
  const id = ++lastId;
  publish([...messages, { id, tone, text, action }].slice(-MOST_SHOWN));
  setTimeout(() => drop(id), action ? WITH_ACTION_MS : SHOWN_MS[tone]);
}

/** Messages name people and vehicles: they go when the console locks and when its person leaves. */
export function forgetMessages(): void {
  spoken = "";
  publish([]);
}

/** For screen readers alone. */
export function announce(text: string): void {
  spoken = text;
  publish(messages);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Messages() {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(subscribe, () => messages);
  const text = useSyncExternalStore(subscribe, () => spoken);
  return (
    <>
      <div className="visually-hidden" aria-live="assertive" data-testid="announcer">
        {text}
      </div>
      <section className="messages" aria-live="polite" aria-label={t("note.region")}>
        {shown.map((message) => (
          <div key={message.id} className="message" data-tone={message.tone} data-testid="message">
            <span>{message.text}</span>
            {message.action ? <ActionButton message={message} action={message.action} /> : null}
            <Button className="icon-button" aria-label={t("note.dismissToast")} onPress={() => drop(message.id)}>
              <CloseIcon />
            </Button>
          </div>
        ))}
      </section>
    </>
  );
}

function ActionButton({ message, action }: { message: Message; action: Action }) {
  const press = () => {
    drop(message.id);
    action.run();
  };
  return (
    <Button className="button button-small message-action" data-testid="message-action" onPress={press}>
      {action.label}
    </Button>
  );
}
