import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { lazy, Suspense } from "react";
import { isClientSide, officeCards } from "./cards";
import { PageHeader } from "../../components/page-header";
import { EmptyView } from "../../components/states";
import { useFrame } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { NEW_VERSION } from "../forecast/versions";
import { allTexts, useText } from "../../text/text";
import { AccuracyBlock, AuditBlock, MeasuresBlock } from "./blocks";
import "./home.css";

const FloorBlocks = lazy(async () => {
  const [blocks] = await Promise.all([import("./floor-blocks"), allTexts()]);
  return { default: blocks.FloorBlocks };
});

/** What needs the reader now, each item one click from its fix; which items is decided by right. */
export default function OfficeHome() {
  const t = useText();
  const session = useSession();
  const { clientId, clients } = useFrame();
  const navigate = useNavigate();
  const cards = officeCards(session);
  const client = clientId ?? (isClientSide(session) ? clients[0]?.id : undefined);
  return (
    <>
      <PageHeader
        title={t("screen.home.hello", { name: session.user.display })}
        facts={<span className="soft">{session.provider}</span>}
        actions={
          can(session, "forecasts", "edit") && (
            <Button
              type="primary"
              onClick={() =>
                void navigate({ to: "/forecast", search: (old) => ({ ...old, version: NEW_VERSION }) })
              }
            >
              {t("screen.forecast.new")}
            </Button>
          )
        }
      />
      {cards.length === 0 && (
        <EmptyView title={t("screen.home.nothing")} advice={t("screen.home.nothing_advice")} />
      )}
      <ul className="home-cards">
        {cards.map((Card) => (
          <Card key={Card.name} />
        ))}
      </ul>
      {!isClientSide(session) && can(session, "floor", "edit") && (
        <Suspense fallback={null}>
          <FloorBlocks />
        </Suspense>
      )}
      {client && <MeasuresBlock clientId={client} />}
      <AccuracyBlock />
      <AuditBlock />
    </>
  );
}
