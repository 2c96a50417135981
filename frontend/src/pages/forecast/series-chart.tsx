import { useMemo } from "react";
import type { Series } from "../../api/models";
import { Chart } from "../../components/chart/chart";
import { forecastOption, forecastRows, type ForecastWords } from "../../components/chart/forecast-option";
import { useText } from "../../text/text";

/** The curve of a queue. */
export default function SeriesChart({ series, name }: { series: Series; name: string }) {
  const t = useText();
  const daily = series.interval_seconds >= 86_400;
  const contacts = daily
    ? t("screen.series.contacts_day")
    : t("screen.series.contacts_interval", { minutes: series.interval_seconds / 60 });
  const agents = t("screen.series.agents");
  const words: ForecastWords = useMemo(
    () => ({
      contacts,
      agents,
      forecast: t("screen.series.forecast"),
      band: t("screen.series.band"),
      actual: t("screen.series.actual"),
      lastWeek: t("screen.series.last_week"),
      requirement: t("screen.series.requirement"),
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `t` is new on every render; the words change with these two
    [contacts, agents],
  );
  const option = useMemo(() => forecastOption(series, words), [series, words]);
  return (
    <Chart
      option={option}
      height={400}
      name={`forecast-${name}`}
      label={t("screen.series.label", { name })}
      rows={() => forecastRows(series, words)}
    />
  );
}
