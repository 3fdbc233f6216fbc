import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { EvidenceLock, LockState } from "../../api/evidence";
import type { Account } from "../../api/types";
import { may } from "../../shell/rights";
import { Time } from "../../ui/Time";
import { useRowKeys } from "../../ui/useRowKeys";
import { RecordedShare } from "./RecordedShare";

const TONE: Record<LockState, string> = { requested: "warn", held: "good", released: "off" };

type Props = {
  locks: EvidenceLock[];
  account: Account;
  onExtend: (lock: EvidenceLock) => void;
  onRelease: (lock: EvidenceLock) => void;
};

export function LockTable({ locks, account, onExtend, onRelease }: Props) {
  const { t } = useTranslation();
  const body = useRowKeys<HTMLTableSectionElement>();
  return (
    <table className="grid" data-testid="lock-table">
      <thead>
        <tr>
          <th scope="col">{t("detail.camera")}</th>
          <th scope="col">{t("lockFootage.span")}</th>
          <th scope="col">{t("loan.state")}</th>
          <th scope="col">{t("lockFootage.recorded")}</th>
          <th scope="col">{t("audit.why")}</th>
          <th scope="col">{t("lockFootage.lockedBy")}</th>
          <th scope="col">
            <span className="visually-hidden">{t("act.label")}</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {locks.map((lock) => (
          <tr key={lock.id} data-testid="lock-row" data-state={lock.state} data-past={lock.state === "released"}>
            <th scope="row">
              {lock.camera.name}
              <span className="grid-line quiet">
                <span translate="no">{lock.camera.code}</span> {lock.center_name}
              </span>
            </th>
            <td>
              <Time us={lock.start_us} />
              <span className="grid-line">
                – <Time us={lock.end_us} />
              </span>
            </td>
            <td>
              <LockStateMark lock={lock} />
            </td>
            <td>
              <RecordedShare span={lock} recorded={lock.recorded} />
            </td>
            <td className="grid-words">
              {lock.reason}
              {lock.case_number ? (
                <span className="grid-line quiet" translate="no">
                  {lock.case_number}
                </span>
              ) : null}
            </td>
            <td>
              {lock.locked_by} <Time us={lock.locked_us} isBrief />
              {lock.state === "released" && lock.released_us !== null ? (
                <span className="grid-line quiet">
                  {t("lockFootage.releasedBy", { name: lock.released_by ?? "" })}{" "}
                  <Time us={lock.released_us} isBrief />: {lock.release_reason}
                </span>
              ) : null}
            </td>
            <td className="grid-tools">
              {lock.state === "released" ? null : (
                <RowTools lock={lock} account={account} onExtend={onExtend} onRelease={onRelease} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LockStateMark({ lock }: { lock: EvidenceLock }) {
  const { t } = useTranslation();
  return (
    <span
      className="status-mark"
      data-tone={TONE[lock.state]}
      title={t(`lockHint.${lock.state}`)}
      data-testid="lock-state"
    >
      <i className="lamp" aria-hidden="true" />
      {t(`lockState.${lock.state}`)}
    </span>
  );
}

type ToolsProps = Omit<Props, "locks"> & { lock: EvidenceLock };

function RowTools({ lock, account, onExtend, onRelease }: ToolsProps) {
  const { t } = useTranslation();
  return (
    <div className="lock-tools">
      {may(account, "lock_evidence") ? (
        <Button
          className="button button-small"
          aria-label={t("lockFootage.extendTitle", { name: lock.camera.name })}
          onPress={() => onExtend(lock)}
          data-row
          data-testid="extend-lock"
        >
          {t("lockFootage.extend")}
        </Button>
      ) : null}
      {may(account, "release_evidence") ? (
        <Button
          className="button button-small"
          aria-label={t("lockFootage.releaseTitle", { name: lock.camera.name })}
          onPress={() => onRelease(lock)}
          data-testid="release-lock"
        >
          {t("lockFootage.release")}
        </Button>
      ) : null}
    </div>
  );
}
