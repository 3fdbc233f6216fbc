import { type SyntheticEvent, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { DeviceLogin, FoundDevice } from "../../../api/registering";
import { describe } from "../../../i18n/describe";
import { BusyButton } from "../../../ui/BusyButton";
import { Entry } from "../../../ui/fields";
import { count } from "../../../ui/format";
import type { Asked, Progress } from "./useProbing";

type Props = {
  devices: FoundDevice[];
  asked: ReadonlyMap<string, Asked>;
  progress: Progress | null;
  onAsk: (urls: string[], login: DeviceLogin | null) => void;
  onStop: () => void;
};

/** One login for all devices that have not answered yet, and what each of them said. */
export function LoginStep({ devices, asked, progress, onAsk, onStop }: Props) {
  const { t } = useTranslation();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const open = devices.filter(({ url }) => asked.get(url)?.state !== "answered").map(({ url }) => url);
  const failed = devices.filter(({ url }) => asked.get(url)?.state === "failed").length;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (open.length > 0 && !progress) onAsk(open, username.trim() === "" ? null : { username: username.trim(), password });
  };
  return (
    <>
      <form className="login-form" onSubmit={submit} autoComplete="off" data-testid="discover-login">
        <Entry label={t("discover.username")} name="device-username" value={username} onChange={setUsername} isRequired={false} maxLength={200} hasAutoFocus />
        <Entry
          label={t("discover.password")}
          name="device-password"
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          isRequired={false}
          maxLength={200}
        />
        <BusyButton className="button button-primary" type="submit" isDisabled={open.length === 0} isBusy={progress !== null} data-testid="discover-ask">
          {t(failed > 0 ? "discover.askAgain" : "discover.ask", { n: count(open.length) })}
        </BusyButton>
        {progress ? (
          <Button className="button" onPress={onStop} data-testid="discover-stop">
            {t("discover.stop")}
          </Button>
        ) : null}
      </form>
      <p className="field-hint">{t("discover.loginHint")}</p>
      <ProgressLine progress={progress} />
      <AskedTable devices={devices} asked={asked} />
    </>
  );
}

function ProgressLine({ progress }: { progress: Progress | null }) {
  const { t } = useTranslation();
  if (!progress) return null;
  const words = t("discover.progress", { done: count(progress.done), total: count(progress.total) });
  return (
    <p className="progress-line" role="status">
      <progress value={progress.done} max={progress.total} aria-label={words} data-testid="discover-progress" />
      <span className="quiet">{words}</span>
    </p>
  );
}

function AskedTable({ devices, asked }: Pick<Props, "devices" | "asked">) {
  const { t } = useTranslation();
  return (
    <table className="grid asked-table" data-testid="asked-table">
      <thead>
        <tr>
          <th scope="col">{t("discover.address")}</th>
          <th scope="col">{t("register.state")}</th>
          <th scope="col">{t("discover.told")}</th>
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <tr key={device.url} data-state={asked.get(device.url)?.state ?? "open"} data-testid="asked-row">
            <th scope="row" translate="no">{device.address}</th>
            <td>{t(`askedState.${asked.get(device.url)?.state ?? "open"}`)}</td>
            <td>
              <Told asked={asked.get(device.url)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Told({ asked }: { asked: Asked | undefined }) {
  const { t } = useTranslation();
  if (asked?.state === "failed") return <span className="asked-fault">{describe(asked.error)}</span>;
  if (asked?.state !== "answered") return null;
  const { information, channels, findings } = asked.probe;
  const streams = channels.filter(({ main }) => main !== null).length;
  return (
    <>
      {[information.maker, information.model].filter(Boolean).join(" ")}{" "}
      <span className="quiet">{t("discover.channels", { count: streams })}</span>
      <ul className="findings">
        {findings.map(({ kind, what, mend }) => (
          <li key={`${kind} ${what}`}>
            {what} <span className="quiet">{mend}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
