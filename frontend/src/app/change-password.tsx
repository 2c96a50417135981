import { useQueryClient } from "@tanstack/react-query";
import { sessionQuery } from "../api/queries";
import { useText } from "../text/text";
import { LanguageSwitch } from "./language-switch";
import { PasswordForm } from "./password-form";

/** A password that somebody else chose is changed before anything else. */
export function ChangePassword() {
  const t = useText();
  const queries = useQueryClient();
  return (
    <div className="sign-in">
      <header>
        <LanguageSwitch />
      </header>
      <main>
        <PasswordForm
          titleId="password-title"
          changed={() => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })}
        >
          <p className="sign-in-mark">muster</p>
          <h1 id="password-title">{t("screen.password.title")}</h1>
        </PasswordForm>
      </main>
    </div>
  );
}
