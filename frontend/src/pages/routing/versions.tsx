import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { client, items, unwrap } from "../../api/client";
import { accountsQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Loaded, TableSkeleton } from "../../components/states";
import { dateTime, deviceZone } from "../../format/time";
import { useText } from "../../text/text";
import { type SettingVersion, type Which } from "./model";

export const historyKey = (which: Which) => ["routing", "history", which.kind, which.key];

/** All versions of a setting: who, when, and back to it. */
export function Versions(props: {
  which: Which;
  onClose: () => void;
  /** Takes an earlier document into the form; it is checked and confirmed like any change. */
  onRestore?: (version: SettingVersion) => void;
}) {
  const t = useText();
  const session = useSession();
  const { kind, key } = props.which;
  const history = useQuery({
    queryKey: historyKey(props.which),
    queryFn: async () =>
      items(
        await unwrap(client.GET("/api/v1/routing/history", { params: { query: { kind, key, limit: 100 } } })),
      ),
  });
  const accounts = useQuery({ ...accountsQuery, enabled: can(session, "users", "view") }).data;
  const who = (id: string | undefined) =>
    id === session.user.id
      ? session.user.display
      : (accounts?.find((a) => a.id === id)?.display ??
        (id ? t("screen.routing.somebody") : t("screen.routing.system")));
  return (
    <Drawer open title={t("screen.routing.versions")} size={560} onClose={props.onClose}>
      <Loaded query={history} skeleton={<TableSkeleton rows={4} />}>
        {(list) =>
          list.length === 0 ? (
            <p className="soft">{t("screen.routing.no_versions")}</p>
          ) : (
            <ol className="routing-versions">
              {list.map((v) => (
                <li key={v.version}>
                  <span>
                    <strong>{t("screen.routing.version", { version: v.version })}</strong>{" "}
                    {!v.valid_to && <span className="state-tag">{t("screen.routing.in_force")}</span>}
                    <br />
                    <span className="soft">
                      {dateTime(v.valid_from, deviceZone())} · {who(v.changed_by)}
                    </span>
                  </span>
                  {v.valid_to && props.onRestore && (
                    <Button onClick={() => props.onRestore?.(v)}>{t("screen.routing.restore")}</Button>
                  )}
                  <details>
                    <summary>{t("screen.routing.document")}</summary>
                    <pre>{JSON.stringify(v.document, null, 1)}</pre>
                  </details>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Drawer>
  );
}
