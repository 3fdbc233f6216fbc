import { useMutation } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { exportTable } from "../../api/registering";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { hrefOf } from "../../shell/routing";
import { saveFile } from "../audit/saveFile";
import { TASKS } from "./tasks";

/** The ways to bring cameras in, to turn their passwords, and the table out. */
export function RegisterTools() {
  const { t } = useTranslation();
  const { mutate, isPending } = useMutation({
    mutationFn: () => exportTable("csv"),
    onSuccess: ({ name, content }) => saveFile(name, content),
    onError: (error) => notify("warning", t("note.failed", { detail: describe(error) })),
  });
  return (
    <nav className="register-tools page-push" aria-label={t("registering.label")}>
      {TASKS.map((task) => (
        <a key={task} className="button button-small" href={hrefOf("cameras", task)} data-testid={`to-${task}`}>
          {t(`registering.${task}`)}
        </a>
      ))}
      <Button className="button button-small" isDisabled={isPending} onPress={() => mutate()} data-testid="export-cameras">
        {t("registering.export")}
      </Button>
    </nav>
  );
}
