import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { type FormEvent, useState } from "react";
import { client, setCsrf, unwrap } from "../api/client";
import { Problem } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { problemText } from "../components/states";
import { useText } from "../text/text";
import { LanguageSwitch } from "./language-switch";
import "./sign-in.css";

/** A password that somebody else chose is changed before anything else; then one signs in anew. */
export function ChangePassword() {
  const t = useText();
  const queries = useQueryClient();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = String(form.get("new"));
    if (chosen !== form.get("again")) {
      setProblem(t("screen.password.differ"));
      return;
    }
    setBusy(true);
    try {
      await unwrap(
        client.POST("/api/v1/session/password", { body: { old: String(form.get("old")), new: chosen } }),
      );
      setCsrf("");
      queries.setQueryData(sessionQuery.queryKey, null);
    } catch (cause) {
      setProblem(problemText(t, Problem.of(cause)));
      setBusy(false);
    }
  };

  return (
    <div className="sign-in">
      <header>
        <LanguageSwitch />
      </header>
      <main>
        <form onSubmit={(event) => void submit(event)} aria-labelledby="password-title">
          <p className="sign-in-mark">muster</p>
          <h1 id="password-title">{t("screen.password.title")}</h1>
          <label>
            {t("screen.password.old")}
            <input name="old" type="password" autoComplete="current-password" required autoFocus />
          </label>
          <label>
            {t("screen.password.new")}
            <input name="new" type="password" autoComplete="new-password" required minLength={10} />
          </label>
          <label>
            {t("screen.password.again")}
            <input name="again" type="password" autoComplete="new-password" required minLength={10} />
          </label>
          {problem && (
            <p className="sign-in-problem" role="alert">
              {problem}
            </p>
          )}
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>
            {t("screen.password.submit")}
          </Button>
        </form>
      </main>
    </div>
  );
}
