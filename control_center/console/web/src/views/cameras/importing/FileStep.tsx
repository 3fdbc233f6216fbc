import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { DropZone } from "react-aria-components/DropZone";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { Text } from "react-aria-components/Text";
import { useTranslation } from "react-i18next";
import { exportTable, importTemplate } from "../../../api/registering";
import { describe } from "../../../i18n/describe";
import { saveFile } from "../../audit/saveFile";
import { ENDINGS, type FileFault, fileFault } from "./report";

type Props = { onFile: (file: File) => void; isBusy: boolean; error: Error | null };

/** A file to import: chosen, dropped or pasted. And where such a file comes from. */
export function FileStep({ onFile, isBusy, error }: Props) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<FileFault | null>(null);
  const take = (file: File | undefined) => {
    if (!file || isBusy) return;
    const found = fileFault(file);
    setFault(found);
    if (found === null) onFile(file);
  };
  return (
    <>
      <DropZone
        className="drop-zone"
        getDropOperation={() => "copy"}
        onDrop={async ({ items }) => {
          const dropped = items.find((item) => item.kind === "file");
          take(await dropped?.getFile());
        }}
        data-busy={isBusy}
        data-testid="import-drop"
      >
        <Text slot="label" className="drop-label">
          {isBusy ? t("importing.checking") : t("importing.drop")}
        </Text>
        <FileTrigger acceptedFileTypes={[...ENDINGS]} onSelect={(files) => take(files?.[0])}>
          <Button className="button button-primary" isDisabled={isBusy} data-testid="import-choose">
            {t("importing.choose")}
          </Button>
        </FileTrigger>
        <p className="field-hint">{t("importing.kinds")}</p>
      </DropZone>
      <p className="form-error" role="alert" data-testid="import-fault">
        {fault ? t(`fileFault.${fault}`) : null}
        {fault === null && error ? describe(error) : null}
      </p>
      <Sources />
      <p className="field-hint">{t("importing.how")}</p>
    </>
  );
}

function Sources() {
  const { t } = useTranslation();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (get: typeof exportTable) => get(),
    onSuccess: ({ name, content }) => saveFile(name, content),
  });
  return (
    <div className="import-sources">
      <Button className="button" isDisabled={isPending} onPress={() => mutate(importTemplate)} data-testid="import-template">
        {t("importing.template")}
      </Button>
      <Button className="button" isDisabled={isPending} onPress={() => mutate(exportTable)} data-testid="import-export">
        {t("importing.export")}
      </Button>
      <span className="form-error" role="alert">
        {error ? describe(error) : null}
      </span>
    </div>
  );
}
