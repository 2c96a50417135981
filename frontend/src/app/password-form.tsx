import { Button } from "antd";
import { type FormEvent, type ReactNode, useState } from "react";
import { client, unwrap } from "../api/client";
import { Problem } from "../api/problem";
import { problemText } from "../components/states";
import { useText } from "../text/text";
import "./sign-in.css";

/** Old password, new one twice; this session goes on, every other of the same person ends. */
export function PasswordForm({
  changed,
  titleId,
  children,
}: {
  changed: () => void;
  titleId: string;
  /** What stands above the fields. */
  children?: ReactNode;
}) {
  const t = useText();
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
      changed();
    } catch (cause) {
      setProblem(problemText(t, Problem.of(cause)));
      setBusy(false);
    }
  };

  return (
    <form className="password-form" onSubmit={(event) => void submit(event)} aria-labelledby={titleId}>
      {children}
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
  );
}
