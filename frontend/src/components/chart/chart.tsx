import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useText } from "../../text/text";
import "./chart.css";

export interface ChartProps {
  option: EChartsCoreOption;
  /** What the chart shows, in words, for those who do not see it. */
  label: string;
  height: number;
  /** File name without ending, for the exports. */
  name: string;
  /** The same data as rows, header first. */
  rows: () => (string | number | null)[][];
  /** Hears of the chart when it is drawn, and when it is gone. */
  onChart?: (chart: ECharts | undefined) => void;
  /** More ways to take the data along, beside PNG and CSV. */
  exports?: ReactNode;
}

/** A chart that comes when needed, follows its box, and leaves as PNG or CSV. */
export function Chart({ option, label, height, name, rows, onChart, exports }: ChartProps) {
  const t = useText();
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts>();

  useEffect(() => onChart?.(chart), [chart, onChart]);

  useEffect(() => {
    let made: ECharts | undefined;
    let gone = false;
    const observer = new ResizeObserver(() => made?.resize());
    void import("./echarts").then(({ init }) => {
      if (gone || !box.current) return;
      made = init(box.current);
      observer.observe(box.current);
      setChart(made);
    });
    return () => {
      gone = true;
      observer.disconnect();
      made?.dispose();
      setChart(undefined);
    };
  }, []);

  useEffect(() => {
    chart?.setOption(option, { notMerge: true, lazyUpdate: true });
  }, [chart, option]);

  return (
    <figure className="chart">
      <div ref={box} style={{ height }} role="img" aria-label={label} />
      <figcaption>
        <Button
          type="text"
          icon={<DownloadOutlined />}
          disabled={!chart}
          onClick={() =>
            chart && save(`${name}.png`, chart.getDataURL({ pixelRatio: 2, backgroundColor: "#fff" }))
          }
        >
          {t("screen.chart.png")}
        </Button>
        <Button
          type="text"
          icon={<DownloadOutlined />}
          onClick={() => {
            saveText(`${name}.csv`, csv(rows()), "text/csv");
          }}
        >
          {t("screen.chart.csv")}
        </Button>
        {exports}
      </figcaption>
    </figure>
  );
}

/** Rows as CSV; a field that could break a row or start a formula is quoted. */
export function csv(rows: (string | number | null)[][]): string {
  const field = (value: string | number | null) => {
    const text = value === null ? "" : String(value);
    const safe = typeof value === "string" && /^[=+@-]/.test(text) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

/** Hands a text to the browser as a file; spreadsheets know UTF-8 by its mark. */
export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type }));
  save(name, url);
  URL.revokeObjectURL(url);
}

function save(name: string, url: string): void {
  const link = document.createElement("a");
  link.download = name;
  link.href = url;
  link.click();
}
