import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { auditKeys, auditStatusQuery, verifyChain } from "../../api/audit";
import type { AuditStatus } from "../../api/identityTypes";
import { describe } from "../../i18n/describe";
import { notify } from "../../shell/messages";
import { BusyButton } from "../../ui/BusyButton";
import { count } from "../../ui/format";
import { Time } from "../../ui/Time";

/** Whether the chain was whole when it was last checked, and the button that checks it now. */
export function ChainStatus() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const status = useQuery(auditStatusQuery).data;
  const verify = useMutation({
    mutationFn: verifyChain,
    onSuccess: ({ entries, fault }) => {
      void client.invalidateQueries({ queryKey: auditKeys.status });
      if (fault === null) notify("info", t("audit.whole", { n: count(entries) }));
      else notify("warning", t("audit.broken", { seq: fault.seq, reason: fault.reason }));
    },
    onError: (error) => notify("warning", t("note.failed", { detail: describe(error) })),
  });
  return (
    <div className="chain" data-testid="chain-status">
      {status ? <ChainWord status={status} /> : null}
      <BusyButton
        className="button button-small"
        isBusy={verify.isPending}
        onPress={() => verify.mutate()}
        data-testid="verify-chain"
      >
        {verify.isPending ? t("audit.verifying") : t("audit.verify")}
      </BusyButton>
    </div>
  );
}

function ChainWord({ status: { entries, checked } }: { status: AuditStatus }) {
  const { t } = useTranslation();
  if (checked === null) {
    return (
      <span className="status-mark" data-tone="warn" data-testid="chain-word">
        <i className="lamp" aria-hidden="true" />
        {t("audit.unchecked", { n: count(entries) })}
      </span>
    );
  }
  const { fault } = checked;
  return (
    <span className="status-mark" data-tone={fault === null ? "good" : "bad"} data-testid="chain-word">
      <i className="lamp" aria-hidden="true" />
      {fault === null
        ? t("audit.whole", { n: count(checked.entries) })
        : t("audit.broken", { seq: fault.seq, reason: fault.reason })}
      <span className="quiet">
        <Time us={checked.at_us} isBrief />
      </span>
    </span>
  );
}
