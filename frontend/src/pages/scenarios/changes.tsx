import { Button, Checkbox } from "antd";
import type { Adjustment, AdjustmentInput, Queue } from "../../api/models";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { NONE } from "../../format/number";
import { useText } from "../../text/text";
import { adjustmentText } from "../forecast/adjustments";
import { stays } from "./stays";

/** What a scenario changes; each change can be left out to see what it alone makes. */
export function Changes(props: {
  adjustments: Adjustment[];
  queues: Queue[];
  zone: string;
  editable: boolean;
  busy: boolean;
  onAdd: () => void;
  onChange: (next: AdjustmentInput[]) => void;
}) {
  const t = useText();
  const { adjustments, busy } = props;
  const queueName = (id: string | undefined) =>
    id ? (props.queues.find((queue) => queue.id === id)?.name ?? NONE) : t("screen.forecast.all_queues");
  return (
    <Block
      flush={adjustments.length > 0}
      title={t("screen.scenario.changes")}
      extra={
        props.editable && (
          <Button disabled={busy} onClick={props.onAdd}>
            {t("screen.scenario.add")}
          </Button>
        )
      }
    >
      {adjustments.length === 0 ? (
        <p className="soft">{t("screen.scenario.no_changes")}</p>
      ) : (
        <DataTable<Adjustment>
          rowKey="id"
          dataSource={adjustments}
          columns={[
            {
              title: t("screen.scenario.counts"),
              width: 80,
              render: (_, a) => (
                <Checkbox
                  aria-label={`${t("screen.scenario.counts")}: ${a.name}`}
                  checked={!a.undone}
                  disabled={!props.editable || busy}
                  onChange={(event) =>
                    props.onChange(
                      adjustments.map((other) =>
                        other.id === a.id ? { ...stays(other), undone: !event.target.checked } : stays(other),
                      ),
                    )
                  }
                />
              ),
            },
            { title: t("screen.adjust.name"), render: (_, a) => a.name },
            { title: t("screen.adjust.what"), render: (_, a) => adjustmentText(t, a, props.zone, queueName) },
            { title: t("screen.forecast.queue"), render: (_, a) => queueName(a.queue_id) },
            ...(props.editable
              ? [
                  {
                    title: "",
                    key: "remove",
                    render: (_: unknown, a: Adjustment) => (
                      <Button
                        type="link"
                        disabled={busy}
                        onClick={() => props.onChange(adjustments.filter((o) => o.id !== a.id).map(stays))}
                      >
                        {t("screen.scenario.remove")}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Block>
  );
}
