import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { confirmed } from "../../shell/confirm";
import { guardLeaving } from "../../shell/routing";

/** While something is not saved: ask before the console goes elsewhere, and let the browser ask before it closes. */
export function useLeaveGuard(isUnsaved: boolean, body: string): void {
  const { t } = useTranslation();
  const ask = useEffectEvent(() =>
    confirmed({
      title: t("register.leaveTitle"),
      body,
      action: t("register.leave"),
    }),
  );
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    guardLeaving(() => ask());
    addEventListener("beforeunload", onUnload);
    return () => {
      guardLeaving(null);
      removeEventListener("beforeunload", onUnload);
    };
  }, [isUnsaved]);
}
