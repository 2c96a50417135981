import { Drawer } from "antd";
import type { RosterAgent, Shift, Violation } from "../../api/models";
import { useClients } from "../../app/frame";
import { ClientName } from "../../components/status";
import { dayLabel, hours, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { reasonText, ruleName } from "../../components/roster-grid/rule-name";
import { activityColor } from "../../theme/tokens";

/** What an agent does on a day, and which rules it breaks. */
export function ShiftPanel(props: {
  opened: { agent: RosterAgent; day: string; shift?: Shift } | undefined;
  violations: Violation[];
  zone: string;
  onClose: () => void;
}) {
  const t = useText();
  const clients = useClients();
  const { opened, zone } = props;
  const shift = opened?.shift;
  return (
    <Drawer
      open={Boolean(opened)}
      onClose={props.onClose}
      size={380}
      title={
        opened && `${opened.agent.label} ${opened.agent.name} · ${dayLabel(`${opened.day}T00:00:00Z`, "UTC")}`
      }
    >
      {opened && (
        <div className="shift-panel">
          <p className="soft">
            {[
              opened.agent.team,
              opened.agent.tier && t.of(`screen.tier.${opened.agent.tier}`, opened.agent.tier),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          {!shift && <p>{t("screen.roster.day_off")}</p>}
          {shift && (
            <>
              <p>
                <strong>
                  {timeOfDay(shift.start, zone)}–{timeOfDay(shift.end, zone)}
                </strong>{" "}
                {t("screen.roster.hours", {
                  hours: hours((Date.parse(shift.end) - Date.parse(shift.start)) / 1000),
                })}
              </p>
              <table>
                <tbody>
                  {shift.activities.map((activity) => (
                    <tr key={activity.start}>
                      <td>
                        {timeOfDay(activity.start, zone)}–{timeOfDay(activity.end, zone)}
                      </td>
                      <td>
                        <ClientName
                          name={[
                            t.of(`screen.activity.${activity.kind}`, activity.kind),
                            clients.name(activity.client_id),
                          ]
                            .filter(Boolean)
                            .join(" · ")}
                          color={activityColor[activity.kind] ?? clients.color(activity.client_id)}
                        />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          )}
          {props.violations.map((violation) => (
            <p
              key={violation.rule + violation.reason}
              className={violation.hard ? "shift-violation" : undefined}
            >
              {violation.hard ? "▲" : "△"} {ruleName(t, violation.rule)}: {reasonText(t, violation)}
            </p>
          ))}
        </div>
      )}
    </Drawer>
  );
}
