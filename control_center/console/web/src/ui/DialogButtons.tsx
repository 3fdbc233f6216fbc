import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { BusyButton } from "./BusyButton";

type Props = {
  fault: string | null;
  onCancel: () => void;
  isGood: boolean;
  isBusy: boolean;
  isGrave?: boolean;
  testId?: string;
  children: ReactNode;
};

/** The end of a form in a dialog: what is wrong, the way out, and the button that does it. */
export function DialogButtons({ fault, onCancel, isGood, isBusy, isGrave = false, testId, children }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <p className="form-error" role="alert">
        {fault}
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={onCancel}>
          {t("act.cancel")}
        </Button>
        <BusyButton
          className={isGrave ? "button button-grave" : "button button-primary"}
          type="submit"
          isDisabled={!isGood}
          isBusy={isBusy}
          data-testid={testId}
        >
          {children}
        </BusyButton>
      </div>
    </>
  );
}
