import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { HomeCard } from "../../api/models";
import { homeQuery } from "../../api/queries";
import { useFrame } from "../../app/frame";
import { pagesFor } from "../../app/pages";
import { useSession } from "../../app/session";
import { PageHeader } from "../../components/page-header";
import { EmptyView, Loaded, TableSkeleton } from "../../components/states";
import { StatusTag } from "../../components/status";
import { useText } from "../../text/text";
import "./home.css";

const urgency = { bad: 0, watch: 1, unknown: 2, good: 3 } as const;

/** What needs the reader now, worst first, each one click from its fix. */
export function OfficeHome() {
  const t = useText();
  const session = useSession();
  const { clientId } = useFrame();
  const home = useQuery(homeQuery(clientId));
  return (
    <>
      <PageHeader
        title={t("screen.home.hello", { name: session.user.display })}
        facts={<span className="soft">{session.provider}</span>}
      />
      <Loaded query={home} skeleton={<TableSkeleton rows={6} />}>
        {(data) =>
          data.cards.length === 0 ? (
            <EmptyView title={t("screen.home.nothing")} advice={t("screen.home.nothing_advice")} />
          ) : (
            <ul className="home-cards">
              {[...data.cards]
                .sort((a, b) => urgency[a.status] - urgency[b.status])
                .map((card) => (
                  <li key={card.key + JSON.stringify(card.params ?? {})}>
                    <Card card={card} />
                  </li>
                ))}
            </ul>
          )
        }
      </Loaded>
    </>
  );
}

function Card({ card }: { card: HomeCard }) {
  const t = useText();
  const session = useSession();
  const page = pagesFor(session).find((p) => p.path === card.page);
  const body = (
    <>
      <span className="home-card-head">
        <span>{t.of(`screen.home.card.${card.key}`, card.key, card.params)}</span>
        <StatusTag status={card.status} />
      </span>
      <strong className="home-card-value">
        {card.value} {card.unit && <small>{t.of(`screen.unit.${card.unit}`, card.unit)}</small>}
      </strong>
      {page && <span className="home-card-link">{t("screen.home.open", { page: t(page.title) })}</span>}
    </>
  );
  return page ? (
    <Link to={page.path} className="home-card">
      {body}
    </Link>
  ) : (
    <div className="home-card">{body}</div>
  );
}
