import { DownloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { scorecardQuery } from "../../api/queries";
import { useFrame, usePageFrame } from "../../app/frame";
import { Block, Fact, PageHeader } from "../../components/page-header";
import { MeasureTable } from "../../components/measure-table";
import { EmptyView, Loaded } from "../../components/states";
import { dateTime, monthLabel } from "../../format/time";
import { useText } from "../../text/text";

/** What the contract promises a client, and what became of it. */
export default function ScorecardPage() {
  const t = useText();
  const { clients, clientId, period } = useFrame();
  const shownClient = clientId ?? clients[0]?.id;
  const card = useQuery({
    ...scorecardQuery(shownClient, period),
    enabled: Boolean(shownClient),
  });
  usePageFrame("month", card.data?.period, card.data?.zone);
  if (!shownClient && clients.length === 0)
    return <EmptyView title={t("screen.scorecard.none")} advice={t("screen.scorecard.none_advice")} />;
  return (
    <Loaded query={card}>
      {(data) => (
        <>
          <PageHeader
            title={`${t("screen.page.scorecard")} · ${data.client_name}`}
            facts={
              <>
                <Fact name={t("screen.shell.period")}>{monthLabel(data.period)}</Fact>
                <Fact name={t("screen.measure.computed_at")}>{dateTime(data.computed_at, data.zone)}</Fact>
              </>
            }
            actions={
              <Button
                type="primary"
                icon={<DownloadOutlined />}
                href={`/api/v1/scorecards/export?client=${data.client_id}&period=${data.period}`}
              >
                {t("screen.scorecard.download")}
              </Button>
            }
          />
          {data.measures.length === 0 ? (
            <EmptyView
              title={t("screen.scorecard.no_measures")}
              advice={t("screen.scorecard.no_measures_advice")}
            />
          ) : (
            <Block flush>
              <MeasureTable measures={data.measures} zone={data.zone} computedAt={data.computed_at} />
            </Block>
          )}
        </>
      )}
    </Loaded>
  );
}
