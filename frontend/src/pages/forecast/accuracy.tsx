import { Popover } from "antd";
import type { BacktestRow, Forecast } from "../../api/models";
import { NONE, percent } from "../../format/number";
import { useText } from "../../text/text";
import "./accuracy.css";

/** The rows of the methods that were chosen, one per lead. */
export function chosenRows(forecast: Forecast, queueId: string): BacktestRow[] {
  const explain = forecast.explain.queues?.find((queue) => queue.queue_id === queueId);
  return explain?.backtest?.filter((row) => row.chosen) ?? [];
}

/** How well the chosen methods did in the back-test; a click shows every method beside them. */
export function Accuracy({ forecast, queueId }: { forecast: Forecast; queueId: string }) {
  const t = useText();
  const explain = forecast.explain.queues?.find((queue) => queue.queue_id === queueId);
  const [first] = chosenRows(forecast, queueId);
  if (!explain || !first) return null;
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      title={t("screen.forecast.backtest")}
      content={
        <div className="accuracy">
          <ul>
            {(explain.sentences ?? []).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          <BacktestTable rows={explain.backtest ?? []} />
        </div>
      }
    >
      <button type="button" className="plain why-button">
        {t("screen.forecast.wape_day")} <strong>{percent(first.day_wape)}</strong>
        {" · "}
        {t("screen.forecast.bias")} <strong>{percent(first.bias)}</strong>
        {" · "}
        {t.of(`screen.method.${first.method}`, first.method)}
      </button>
    </Popover>
  );
}

function BacktestTable({ rows }: { rows: BacktestRow[] }) {
  const t = useText();
  return (
    <table>
      <thead>
        <tr>
          <th>{t("screen.forecast.lead")}</th>
          <th>{t("screen.forecast.method")}</th>
          <th className="num">{t("screen.forecast.wape_day")}</th>
          <th className="num">{t("screen.forecast.wape_interval")}</th>
          <th className="num">{t("screen.forecast.floor")}</th>
          <th className="num">{t("screen.forecast.bias")}</th>
          <th className="num">MASE</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.lead} ${row.method}`} className={row.chosen ? "accuracy-chosen" : undefined}>
            <td>{row.lead}</td>
            <td>
              {row.chosen && "✓ "}
              {t.of(`screen.method.${row.method}`, row.method)}
            </td>
            <td className="num">{percent(row.day_wape)}</td>
            <td className="num">{percent(row.wape)}</td>
            <td className="num">{percent(row.floor)}</td>
            <td className="num">{percent(row.bias)}</td>
            <td className="num">{row.mase === null ? NONE : row.mase.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
