import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { centersQuery } from "../../../api/identity";
import { keys } from "../../../api/queries";
import { refusals } from "../../../api/refusals";
import { addCamera, registeringKeys } from "../../../api/registering";
import type { Account } from "../../../api/types";
import { describe } from "../../../i18n/describe";
import { notify } from "../../../shell/messages";
import { hrefOf } from "../../../shell/routing";
import { BusyButton } from "../../../ui/BusyButton";
import { CenterPicker } from "../../../ui/CenterPicker";
import { Entry } from "../../../ui/fields";
import { useLeaveGuard } from "../useLeaveGuard";
import { CameraFields } from "./CameraFields";
import { useCameraDraft } from "./useCameraDraft";

/** A camera that is not registered yet. */
export function AddForm({ account }: { account: Account }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { draft, change, isChanged, isGood, faults, edit, tell, discard } = useCameraDraft(null);
  const centers = useQuery(centersQuery).data ?? [];
  const [code, setCode] = useState("");
  const [centerId, setCenter] = useState<string | null>(account.roles[0]?.center_id ?? null);
  const center = centers.find(({ id }) => id === centerId)?.code;
  const adding = useMutation({
    mutationFn: () => addCamera({ ...change, code: code.trim(), ...(center === undefined ? {} : { center }) }),
    onSuccess: (added) => {
      discard();
      setCode("");
      notify("info", t("cameraForm.added", { name: added.name }), {
        label: t("cameraForm.show"),
        run: () => location.assign(hrefOf("cameras", added.id)),
      });
    },
    onSettled: () => Promise.all([keys.cameras, keys.overview, registeringKeys.addresses].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  useLeaveGuard(isChanged || code !== "", t("cameraForm.leaveBody"));
  const refused = refusals(adding.error);
  const [isTold, setTold] = useState(false);
  const codeFault = isTold && code.trim() === "" ? t("columnFault.needed") : refused["code"];
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    tell();
    setTold(true);
    if (isGood && code.trim() !== "" && centerId !== null && !adding.isPending) {
      adding.mutate(undefined, { onSuccess: () => setTold(false) });
    }
  };
  return (
    <form className="camera-form page-scroll add-form" onSubmit={submit} data-testid="add-form">
      <div className="form-key">
        <Entry
          label={t("column.code")}
          name="code"
          value={code}
          onChange={(text) => {
            adding.reset();
            setCode(text);
          }}
          isInvalid={codeFault !== undefined}
          description={codeFault ?? t("columnHint.code")}
          maxLength={64}
          hasAutoFocus
        />
        <CenterPicker
          label={t("column.center")}
          value={centerId}
          onChange={setCenter}
          placeholder={t("person.typeCenter")}
          testId="add-center"
        />
      </div>
      <CameraFields
        draft={draft}
        onEdit={(part) => {
          adding.reset();
          edit(part);
        }}
        faults={faults}
        refused={refused}
        hasLogin={false}
      />
      <div className="form-foot">
        <p className="form-error" role="alert">
          {adding.error ? describe(adding.error) : null}
          {Object.keys(faults).length > 0 ? t("cameraForm.faulty") : null}
        </p>
        <div className="dialog-buttons">
          <a className="button" href={hrefOf("cameras")}>
            {t("act.cancel")}
          </a>
          <BusyButton className="button button-primary" type="submit" isBusy={adding.isPending} data-testid="add-save">
            {t("cameraForm.add")}
          </BusyButton>
        </div>
      </div>
    </form>
  );
}
