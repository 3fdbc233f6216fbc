import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { CopyIcon } from "./icons";

/** Something that is shown once, to be taken along. */
export function Secret({ value, label, testId }: { value: string; label: string; testId: string }) {
  return (
    <div className="secret">
      <output className="secret-value" aria-label={label} translate="no" data-testid={testId}>
        {value}
      </output>
      <CopyButton text={value} />
    </div>
  );
}

export function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<"copied" | "notCopied" | null>(null);
  const press = async () => setOutcome((await copied(text)) ? "copied" : "notCopied");
  return (
    <Button className="button button-small" onPress={() => void press()} data-testid="copy">
      <CopyIcon />
      <span aria-live="polite">{outcome ? t(`secret.${outcome}`) : t("secret.copy")}</span>
    </Button>
  );
}

/** Browsers give the clipboard to pages over HTTPS or loopback alone; elsewhere the text has to be copied by hand. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
