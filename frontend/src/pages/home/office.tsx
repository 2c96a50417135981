import { isClientSide, officeCards } from "./cards";
import { PageHeader } from "../../components/page-header";
import { EmptyView } from "../../components/states";
import { useFrame } from "../../app/frame";
import { useSession } from "../../app/session";
import { useText } from "../../text/text";
import { AccuracyBlock, AuditBlock, MeasuresBlock } from "./blocks";
import "./home.css";

/** What needs the reader now, each item one click from its fix; which items is decided by right. */
export function OfficeHome() {
  const t = useText();
  const session = useSession();
  const { clientId, clients } = useFrame();
  const cards = officeCards(session);
  const client = clientId ?? (isClientSide(session) ? clients[0]?.id : undefined);
  return (
    <>
      <PageHeader
        title={t("screen.home.hello", { name: session.user.display })}
        facts={<span className="soft">{session.provider}</span>}
      />
      {cards.length === 0 && (
        <EmptyView title={t("screen.home.nothing")} advice={t("screen.home.nothing_advice")} />
      )}
      <ul className="home-cards">
        {cards.map((Card) => (
          <Card key={Card.name} />
        ))}
      </ul>
      {client && <MeasuresBlock clientId={client} />}
      <AccuracyBlock />
      <AuditBlock />
    </>
  );
}
