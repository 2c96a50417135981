import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, ConfigProvider, theme as antTheme } from "antd";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { Floor } from "../../api/models";
import { floorQuery } from "../../api/queries";
import type { StreamEvent, StreamState } from "../../api/stream";
import { useStream } from "../../api/use-stream";
import { useFrame } from "../../app/frame";
import { PageHeader } from "../../components/page-header";
import { EmptyView, Loaded } from "../../components/states";
import { LiveTag } from "../../components/live";
import { useNow } from "../../components/use-now";
import { useText } from "../../text/text";
import "./floor.css";
import { Acting } from "./act";
import { AgentCells } from "./agents";
import { Alerts, Costs, Log, Pools } from "./aside";
import { QueueTable } from "./queues";

/** Queues and agents as they are now; it updates by itself and says when it cannot. */
export default function FloorPage() {
  const { clientId } = useFrame();
  const query = floorQuery(clientId);
  const floor = useQuery({ ...query, refetchInterval: 15_000 });
  const queries = useQueryClient();
  const state = useStream(
    "/api/v1/floor/stream",
    ["floor"],
    (event: StreamEvent) => {
      // The stream tells of all that the reader may see; a narrower scope asks again.
      if (clientId) void queries.invalidateQueries({ queryKey: query.queryKey });
      else queries.setQueryData(query.queryKey, event.data as Floor);
    },
    () => void queries.invalidateQueries({ queryKey: query.queryKey }),
  );
  return <Loaded query={floor}>{(data) => <FloorView floor={data} state={state} />}</Loaded>;
}

function FloorView({ floor, state }: { floor: Floor; state: StreamState }) {
  const t = useText();
  const now = useNow();
  // The server's clock decides ages; the reader's may be wrong by minutes.
  const skew = useMemo(() => Date.parse(floor.at) - Date.now(), [floor.at]);
  const [wall, setWall] = useState(false);
  const queues = floor.queues ?? [];
  return (
    <Wall on={wall} onLeave={() => setWall(false)}>
      <PageHeader
        title={t("screen.page.floor")}
        facts={<LiveTag state={state} />}
        actions={
          <Button onClick={() => setWall(!wall)}>
            {t(wall ? "screen.floor.wall_leave" : "screen.floor.wall")}
          </Button>
        }
      />
      <Acting floor={floor}>
        <div className="floor">
          <div className="floor-main">
            {queues.length === 0 ? (
              <EmptyView title={t("screen.floor.no_queues")} advice={t("screen.floor.no_queues_advice")} />
            ) : (
              <QueueTable queues={queues} />
            )}
            <AgentCells floor={floor} now={now + skew} />
          </div>
          <aside className="floor-aside" aria-label={t("screen.floor.aside")}>
            <Alerts floor={floor} now={now + skew} />
            <Costs costs={floor.costs ?? []} />
            <Pools floor={floor} />
            <Log floor={floor} />
          </aside>
        </div>
      </Acting>
    </Wall>
  );
}

/** The dark, full-size variant for a screen on the wall; Escape leaves it. */
function Wall(props: { on: boolean; onLeave: () => void; children: ReactNode }) {
  const { on, onLeave } = props;
  useEffect(() => {
    if (!on) return;
    const leave = (event: KeyboardEvent) => {
      if (event.key === "Escape") onLeave();
    };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, [on, onLeave]);
  return (
    <ConfigProvider theme={on ? wallTheme : undefined}>
      <div className={on ? "wall" : undefined}>{props.children}</div>
    </ConfigProvider>
  );
}

const wallTheme = {
  algorithm: antTheme.darkAlgorithm,
  token: {
    fontSize: 15,
    colorText: "#e8edf0",
    colorTextSecondary: "#b4bfc7",
    colorBgContainer: "#17212b",
    colorPrimary: "#3fb3ab",
    colorBorder: "#44525e",
    colorBorderSecondary: "#2b3843",
  },
  components: {
    Table: { headerBg: "#1e2a35", headerColor: "#b4bfc7", rowHoverBg: "#223040" },
    Segmented: { trackBg: "#223040", itemSelectedBg: "#3a4a58", itemColor: "#b4bfc7" },
  },
};
