import { Button } from "antd";
import { type FormEvent, useState } from "react";
import { Problem } from "../api/problem";
import { problemText } from "../components/states";
import { useText } from "../text/text";
import { LanguageSwitch } from "./language-switch";
import { useSignIn } from "./session";
import "./sign-in.css";

/** The door: name and password, and what went wrong in plain words. */
export function SignIn() {
  const t = useText();
  const signIn = useSignIn();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(String(form.get("login")), String(form.get("password")));
    } catch (cause) {
      setProblem(Problem.of(cause));
      setBusy(false);
    }
  };

  return (
    <div className="sign-in">
      <header>
        <LanguageSwitch />
      </header>
      <main>
        <form onSubmit={(event) => void submit(event)} aria-labelledby="sign-in-title">
          <p className="sign-in-mark">muster</p>
          <h1 id="sign-in-title">{t("screen.sign_in.title")}</h1>
          <label>
            {t("screen.sign_in.login")}
            <input name="login" autoComplete="username" autoCapitalize="none" required autoFocus />
          </label>
          <label>
            {t("screen.sign_in.password")}
            <input name="password" type="password" autoComplete="current-password" required />
          </label>
          {problem && (
            <p className="sign-in-problem" role="alert">
              {problemText(t, problem)}
              {problem.requestId && <small>{` (${problem.requestId})`}</small>}
            </p>
          )}
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>
            {t("screen.sign_in.submit")}
          </Button>
        </form>
      </main>
    </div>
  );
}
