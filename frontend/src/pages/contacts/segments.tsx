import { useQuery } from "@tanstack/react-query";
import { client, items, unwrap } from "../../api/client";
import { peopleQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { ReasonPanel, reasonOf } from "../../components/reason-panel";
import { Loaded } from "../../components/states";
import { deviceZone, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import "./contacts.css";

/** The agents that had a contact, one after the other, with the router's reason for each. */
export function Segments({ contact }: { contact: string }) {
  const t = useText();
  const session = useSession();
  const people = useQuery({ ...peopleQuery, enabled: can(session, "people", "view") });
  const segments = useQuery({
    queryKey: ["contacts", contact, "segments"],
    queryFn: async () =>
      items(
        await unwrap(client.GET("/api/v1/contacts/{id}/segments", { params: { path: { id: contact } } })),
      ),
  });
  const label = (id: string) => {
    const agent = people.data?.find((p) => p.id === id);
    return agent ? agent.name || agent.label : id.slice(0, 8);
  };
  return (
    <Loaded query={segments}>
      {(list) =>
        list.length === 0 ? (
          <p className="soft">{t("screen.contact.no_segments")}</p>
        ) : (
          <ol className="contact-segments" aria-label={t("screen.contact.why")}>
            {list.map((s) => (
              <li key={s.offered_at + s.agent_id}>
                <strong>{label(s.agent_id)}</strong> {timeOfDay(s.offered_at, deviceZone())}
                {s.ended_at && `–${timeOfDay(s.ended_at, deviceZone())}`} ·{" "}
                {t.of(`screen.segment_outcome.${s.outcome}`, s.outcome)}
                <Why reason={s.reason} label={label} />
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}

/** The router's reason, for those who ask. */
function Why({ reason, label }: { reason: string | undefined; label: (id: string) => string }) {
  const t = useText();
  const found = reasonOf(reason);
  if (!found) return <p className="soft">{t("screen.reason.not_recorded")}</p>;
  return (
    <details>
      <summary>{t("screen.contact.why_agent")}</summary>
      <ReasonPanel reason={found} label={label} />
    </details>
  );
}
