import { useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { signOut } from "../../api/identity";
import { keys } from "../../api/queries";
import { endSession } from "../../shell/endSession";
import { Enrolment } from "../account/Enrolment";
import { Entrance } from "./Entrance";

/** A role of the account asks for a second factor: nothing else opens before it is there. */
export function MustEnrol() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const leave = async () => {
    await signOut().catch(() => undefined);
    endSession(client);
  };
  return (
    <Entrance title={t("factor.mustTitle")} isWide>
      <p className="entrance-lead">{t("factor.mustLead")}</p>
      <Enrolment onDone={() => void client.invalidateQueries({ queryKey: keys.session })} />
      <div className="entrance-ways">
        <Button className="link-button" onPress={() => void leave()}>
          {t("menu.signOut")}
        </Button>
      </div>
    </Entrance>
  );
}
