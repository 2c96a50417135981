import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useEffect, useRef, useState } from "react";
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
}

/** A chart that comes when needed, follows its box, and leaves as PNG or CSV. */
export function Chart({ option, label, height, name, rows }: ChartProps) {
  const t = useText();
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts>();

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
            const url = URL.createObjectURL(new Blob(["\ufeff", csv(rows())], { type: "text/csv" }));
            save(`${name}.csv`, url);
            URL.revokeObjectURL(url);
          }}
        >
          {t("screen.chart.csv")}
        </Button>
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

function save(name: string, url: string): void {
  const link = document.createElement("a");
  link.download = name;
  link.href = url;
  link.click();
}
