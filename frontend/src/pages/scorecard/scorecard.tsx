import { DownloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import type { Measure } from "../../api/models";
import { scorecardQuery } from "../../api/queries";
import { useClients, useFrame, usePageFrame } from "../../app/frame";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { MeasureTable } from "../../components/measure-table";
import { EmptyView, Loaded } from "../../components/states";
import { addDays, dateLabel, dateTime } from "../../format/time";
import { currentLocale } from "../../text/locale";
import { useText } from "../../text/text";
import { MeasureRows } from "./measure-rows";

/** What the contract promises a client, and what became of it. */
export default function ScorecardPage() {
  const t = useText();
  const { clients, clientId, chosenPeriod } = useFrame();
  const shownClient = clientId ?? clients[0]?.id;
  if (!shownClient)
    return <EmptyView title={t("screen.scorecard.none")} advice={t("screen.scorecard.none_advice")} />;
  return <ScorecardView key={shownClient} clientId={shownClient} on={chosenPeriod && `${chosenPeriod}-01`} />;
}

const day = (date: string) => dateLabel(`${date}T00:00:00Z`, "UTC");

function ScorecardView({ clientId, on }: { clientId: string; on: string | undefined }) {
  const t = useText();
  const clients = useClients();
  const card = useQuery(scorecardQuery(clientId, on));
  usePageFrame("month", card.data?.from.slice(0, 7), card.data?.zone);
  const [rows, setRows] = useState<Measure>();
  return (
    <Loaded query={card}>
      {(data) => (
        <>
          <PageHeader
            title={`${t("screen.page.scorecard")} · ${clients.name(clientId)}`}
            facts={
              <>
                <Fact name={t("screen.shell.period")}>
                  {day(data.from)} – {day(addDays(data.until, -1))}
                </Fact>
                <Fact name={t("screen.measure.computed_at")}>{dateTime(data.at, data.zone)}</Fact>
              </>
            }
            actions={
              <Button
                type="primary"
                icon={<DownloadOutlined />}
                href={`/api/v1/scorecards/export?client=${clientId}&on=${data.from}&locale=${currentLocale()}`}
              >
                {t("screen.scorecard.download")}
              </Button>
            }
          />
          {(data.measures ?? []).length === 0 ? (
            <EmptyView
              title={t("screen.scorecard.no_measures")}
              advice={t("screen.scorecard.no_measures_advice")}
            />
          ) : (
            <Block flush>
              <MeasureTable
                measures={data.measures ?? []}
                zone={data.zone}
                computedAt={data.at}
                onRows={setRows}
              />
            </Block>
          )}
          <MeasureRows measure={rows} card={data} onClose={() => setRows(undefined)} />
        </>
      )}
    </Loaded>
  );
}
