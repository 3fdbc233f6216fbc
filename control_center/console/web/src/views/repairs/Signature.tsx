import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { useTranslation } from "react-i18next";
import { FieldGroup } from "../../ui/fields";
import { acceptable } from "./picture";
import { SignaturePad } from "./SignaturePad";

type Props = {
  value: Blob | null;
  onChange: (signature: Blob | null) => void;
  /** The ticket has one already; another may be added. */
  isThere: boolean;
};

/** A signature: drawn by hand, or a picture of one. */
export function Signature({ value, onChange, isThere }: Props) {
  const { t } = useTranslation();
  const [file, setFile] = useState<{ name: string; isPicture: boolean } | null>(null);
  const [tries, setTries] = useState(0);
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    const picture = await acceptable(chosen);
    setFile({ name: chosen.name, isPicture: picture !== null });
    onChange(picture);
  };
  const clear = () => {
    setFile(null);
    setTries(tries + 1);
    onChange(null);
  };
  return (
    <FieldGroup label={t("repair.signature")}>
      {file?.isPicture && value ? (
        <p className="signature-file" data-testid="signature-file">
          {file.name}
        </p>
      ) : (
        <SignaturePad key={tries} onChange={onChange} />
      )}
      <div className="signature-tools">
        <FileTrigger acceptedFileTypes={["image/*"]} onSelect={(files) => void take(files?.[0])}>
          <Button className="button button-small" data-testid="signature-upload">
            {t("repair.uploadSignature")}
          </Button>
        </FileTrigger>
        <Button className="button button-small" isDisabled={value === null} onPress={clear} data-testid="signature-clear">
          {t("common.clear")}
        </Button>
        <span className="field-hint" role="status">
          {file && !file.isPicture ? t("repair.noPicture", { name: file.name }) : null}
          {file === null && isThere && value === null ? t("repair.signatureThere") : null}
        </span>
      </div>
    </FieldGroup>
  );
}
