import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";

type Props = {
  /** The names of the steps, of which `current` is shown. */
  steps: readonly string[];
  current: number;
  onBack?: (() => void) | undefined;
  /** What leads on. */
  tools?: ReactNode;
  testId: string;
  children: ReactNode;
};

/** One step of several: which it is, what it asks, and the way back and on. */
export function Wizard({ steps, current, onBack, tools, testId, children }: Props) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current !== current) heading.current?.focus(); // what had the focus went with its step
    shown.current = current;
  }, [current]);
  return (
    <div className="wizard" data-testid={testId}>
      <ol className="wizard-steps" aria-label={t("registering.steps")}>
        {steps.map((step, i) => (
          <li key={step} aria-current={i === current ? "step" : undefined} data-done={i < current}>
            <span aria-hidden="true">{i + 1}</span>
            {step}
          </li>
        ))}
      </ol>
      <h2 className="visually-hidden" tabIndex={-1} ref={heading}>
        {t("registering.stepOf", { n: current + 1, total: steps.length, name: steps[current] ?? "" })}
      </h2>
      <div className="wizard-body">{children}</div>
      {onBack || tools ? (
        <footer className="wizard-foot">
          {onBack ? (
            <Button className="button" onPress={onBack} data-testid="wizard-back">
              {t("registering.back")}
            </Button>
          ) : null}
          <div className="wizard-tools">{tools}</div>
        </footer>
      ) : null}
    </div>
  );
}
