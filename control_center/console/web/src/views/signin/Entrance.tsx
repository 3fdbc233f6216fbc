import type { ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextField } from "react-aria-components/TextField";
import { useTranslation } from "react-i18next";
import { LanguageSwitch, ThemeSwitch } from "../../shell/switches";
import { Mark } from "../../ui/icons";

/** The card in front of the console: signing in and setting a password. */
export function Entrance({ title, footnote, children }: { title: string; footnote?: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <main className="entrance">
      <div className="entrance-card">
        <header className="entrance-brand">
          <Mark />
          <span className="entrance-name">{t("app.name")}</span>
          <span className="entrance-tagline">{t("app.tagline")}</span>
        </header>
        <h1>{title}</h1>
        {children}
        {footnote ? <p className="entrance-footnote">{footnote}</p> : null}
      </div>
      <div className="entrance-switches">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </main>
  );
}

type EntryProps = {
  label: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: string;
  type?: "text" | "password";
  description?: string;
  hasAutoFocus?: boolean;
};

export function Entry({ label, description, hasAutoFocus = false, type = "text", ...field }: EntryProps) {
  return (
    // The page has just this form, so the first field takes the focus.
    // oxlint-disable-next-line jsx-a11y/no-autofocus
    <TextField className="field" type={type} autoFocus={hasAutoFocus} isRequired validationBehavior="aria" {...field}>
      <Label>{label}</Label>
      <Input className="input" />
      {description ? (
        <Text slot="description" className="field-hint">
          {description}
        </Text>
      ) : null}
      <FieldError />
    </TextField>
  );
}
