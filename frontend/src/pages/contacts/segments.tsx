import { useQuery } from "@tanstack/react-query";
import { client, items, unwrap } from "../../api/client";
import { peopleQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
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
                {s.ended_at && `–${timeOfDay(s.ended_at, deviceZone())}`} · {s.outcome}
                {s.reason ? (
                  <pre>{pretty(s.reason)}</pre>
                ) : (
                  <p className="soft">{t("screen.reason.not_recorded")}</p>
                )}
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}

/** A reason as lines; what is no JSON stays as it is. */
function pretty(reason: string): string {
  try {
    return JSON.stringify(JSON.parse(reason), null, 1);
  } catch {
    return reason;
  }
}
