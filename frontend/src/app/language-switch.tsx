import { useTranslation } from "react-i18next";
import { type Locale, LOCALES } from "../text/locale";
import { changeLocale, useText } from "../text/text";
import "./language-switch.css";

const names: Record<Locale, string> = { "zh-CN": "中文", en: "EN" };

/** Both languages side by side, each in its own name. */
export function LanguageSwitch() {
  const t = useText();
  const { i18n } = useTranslation();
  return (
    <div className="language-switch" role="group" aria-label={t("screen.shell.language")}>
      {LOCALES.map((locale) => (
        <button
          key={locale}
          type="button"
          className="plain"
          lang={locale}
          aria-pressed={i18n.language === locale}
          onClick={() => void changeLocale(locale)}
        >
          {names[locale]}
        </button>
      ))}
    </div>
  );
}
