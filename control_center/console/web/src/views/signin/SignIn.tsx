import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { methodsQuery, OIDC_PATH, signIn } from "../../api/identity";
import { keys } from "../../api/queries";
import { refusedSignIn, useHash } from "../../shell/routing";
import { CodeStep } from "./CodeStep";
import { Entrance } from "./Entrance";
import { refusalText } from "./faults";
import { PasswordStep } from "./PasswordStep";

type Credentials = { username: string; password: string };

export function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const methods = useQuery(methodsQuery).data;
  const [username, setUsername] = useState("");
  /** The server took them and asks for a code. */
  const [accepted, setAccepted] = useState<Credentials | null>(null);
  const refused = refusedSignIn(useHash());

  const enter = async ({ username, password }: Credentials, code?: string) => {
    const { account } = await signIn(username, password, code);
    client.setQueryData(keys.session, account);
  };

  if (accepted) {
    return (
      <Entrance title={t("signIn.codeTitle")}>
        <CodeStep onCode={(code) => enter(accepted, code)} onBack={() => setAccepted(null)} />
      </Entrance>
    );
  }
  return (
    <Entrance title={t("signIn.title")} footnote={t("signIn.notice")}>
      {refused ? (
        <p className="entrance-refused" role="alert" data-testid="sign-in-refused">
          {refusalText(refused)}
        </p>
      ) : null}
      {methods?.first_run ? <FirstRun /> : null}
      <PasswordStep
        username={username}
        onUsername={setUsername}
        onSubmit={(password) => enter({ username: username.trim(), password })}
        onCodeNeeded={(password) => setAccepted({ username: username.trim(), password })}
      />
      {methods?.oidc ? (
        <>
          <p className="entrance-or">{t("signIn.or")}</p>
          <a className="button button-wide" href={OIDC_PATH} data-testid="sign-in-oidc">
            {methods.oidc.title}
          </a>
        </>
      ) : null}
    </Entrance>
  );
}

/** Nobody can sign in yet. There is no default password, so the way in leads over this machine's command line. */
function FirstRun() {
  const { t } = useTranslation();
  return (
    <section className="entrance-hint" data-testid="first-run">
      <h2>{t("signIn.firstTitle")}</h2>
      <p>{t("signIn.firstBody")}</p>
      <code translate="no">vedette accounts add NAME --role administrator</code>
    </section>
  );
}
