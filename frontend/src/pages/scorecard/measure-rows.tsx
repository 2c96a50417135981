import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import type { Bucket, Measure, Scorecard } from "../../api/models";
import { bucketsQuery, queuesQuery } from "../../api/queries";
import { measureName, measureValue } from "../../components/measure-table";
import { Loaded, TableSkeleton } from "../../components/states";
import { count } from "../../format/number";
import { dayLabel, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { DataTable } from "../../components/data-table";

/** The quarter-hours behind a measure; they add up to it. */
export function MeasureRows(props: { measure: Measure | undefined; card: Scorecard; onClose: () => void }) {
  const t = useText();
  const { measure, card } = props;
  return (
    <Drawer
      open={Boolean(measure)}
      onClose={props.onClose}
      size={620}
      title={measure && t("screen.measure.rows_of", { name: measureName(t, measure) })}
    >
      {measure && <Rows measure={measure} card={card} />}
    </Drawer>
  );
}

function Rows({ measure, card }: { measure: Measure; card: Scorecard }) {
  const t = useText();
  const buckets = useQuery(bucketsQuery(measure.id, card.from, card.until));
  const queues = useQuery(queuesQuery(card.client_id)).data;
  const right = { align: "right" as const };
  return (
    <Loaded query={buckets} skeleton={<TableSkeleton rows={12} />}>
      {(rows) => (
        <DataTable<Bucket>
          virtual
          rowKey={(b) => `${b.start_at}${b.queue}${b.agent}`}
          scroll={{ x: 540, y: 600 }}
          dataSource={rows}
          columns={[
            {
              title: t("screen.series.start", { zone: card.zone }),
              width: 190,
              render: (_, b) => `${dayLabel(b.start_at, card.zone)} ${timeOfDay(b.start_at, card.zone)}`,
            },
            {
              title: t("screen.floor.queue"),
              width: 130,
              render: (_, b) => queues?.find((queue) => queue.id === b.queue)?.name ?? "",
            },
            {
              title: t("screen.measure.numerator"),
              width: 80,
              ...right,
              render: (_, b) => count(b.ratio.numerator),
            },
            {
              title: t("screen.measure.denominator"),
              width: 80,
              ...right,
              render: (_, b) => count(b.ratio.denominator),
            },
            {
              title: t("screen.measure.actual"),
              width: 80,
              ...right,
              render: (_, b) =>
                b.ratio.denominator === 0
                  ? "–"
                  : measureValue(
                      String(b.ratio.numerator / b.ratio.denominator / (b.ratio.per || 1)),
                      measure.unit,
                    ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
