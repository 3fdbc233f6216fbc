import type { ReactNode } from "react";
import { Button, type ButtonProps } from "react-aria-components/Button";

type Props = Omit<ButtonProps, "isPending" | "children"> & { isBusy: boolean; children: ReactNode };

/** A button whose work takes a moment: meanwhile it keeps the focus, takes no second press, and its words are read out. */
export function BusyButton({ isBusy, children, onPress, ...rest }: Props) {
  return (
    <Button
      {...rest}
      data-busy={isBusy}
      onPress={(event) => {
        if (!isBusy) onPress?.(event);
      }}
    >
      <span className="button-words" aria-live="polite">
        {children}
      </span>
    </Button>
  );
}
