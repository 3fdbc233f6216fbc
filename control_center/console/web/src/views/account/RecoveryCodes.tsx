import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { printOnly } from "../../shell/print";
import { Tick } from "../../ui/fields";
import { CopyButton } from "../../ui/Secret";

/** Shown once: each lets its person in once when the authenticator is not at hand. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const [isKept, setKept] = useState(false);
  return (
    <section className="recovery" data-testid="recovery-codes">
      <h2>{t("factor.codesTitle")}</h2>
      <p className="dialog-text">{t("factor.codesLead")}</p>
      <div className="print-codes">
        <p className="print-title">{t("factor.codesPrint")}</p>
        <ol className="recovery-codes" translate="no">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </div>
      <div className="recovery-tools">
        <CopyButton text={codes.join("\n")} />
        <Button className="button button-small" onPress={() => printOnly("codes")}>
          {t("common.print")}
        </Button>
      </div>
      <Tick isSelected={isKept} onChange={setKept}>
        {t("factor.codesKept")}
      </Tick>
      <Button className="button button-primary" isDisabled={!isKept} onPress={onDone} data-testid="recovery-done">
        {t("factor.codesDone")}
      </Button>
    </section>
  );
}
