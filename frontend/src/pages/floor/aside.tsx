import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { client, unwrap } from "../../api/client";
import type { Floor, FloorAction, FloorAlert, FloorCost, FloorPool } from "../../api/models";
import { Problem } from "../../api/problem";
import { floorLogQuery } from "../../api/queries";
import { useClients, useZone } from "../../app/frame";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block } from "../../components/page-header";
import { problemText } from "../../components/states";
import { ClientName } from "../../components/status";
import { money, percent, share } from "../../format/number";
import { duration, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";
import { Effects, useAsk, useUndo } from "./act";
import { lineOf, type Names, sentenceOf, subjectOf, useNames } from "./names";

/** What calls for attention, with what could be done about it. */
export function Alerts({ floor, now }: { floor: Floor; now: number }) {
  const t = useText();
  const names = useNames(floor);
  const alerts = floor.alerts ?? [];
  const open = alerts.filter((alert) => !alert.acknowledged_at);
  return (
    <Block title={t("screen.floor.alerts", { count: open.length })}>
      {alerts.length === 0 && <p className="soft">{t("screen.floor.no_alerts")}</p>}
      <ul className="floor-alerts" aria-live="polite">
        {[...open, ...alerts.filter((alert) => alert.acknowledged_at)].map((alert) => (
          <AlertRow key={alert.id} alert={alert} names={names} now={now} />
        ))}
      </ul>
    </Block>
  );
}

function AlertRow({ alert, names, now }: { alert: FloorAlert; names: Names; now: number }) {
  const t = useText();
  const ask = useAsk();
  const session = useSession();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const zone = useZone();
  const take = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/v1/floor/alerts/{id}/acknowledge", {
          params: { path: { id: alert.id } },
          body: {},
        }),
      ),
    onError: (cause) => void message.error(problemText(t, Problem.of(cause))),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["floor"] }),
  });
  const proposal = alert.proposal;
  return (
    <li className={`floor-alert floor-alert-${alert.severity}`} data-taken={Boolean(alert.acknowledged_at)}>
      <span className="floor-alert-head">
        <span aria-hidden>{alert.severity === "bad" ? "■" : "▲"}</span>
        <strong>{subjectOf(alert, names)}</strong>
        <time className="soft">{duration((now - Date.parse(alert.opened_at)) / 1000)}</time>
      </span>
      <span>{sentenceOf(alert, t)}</span>
      {proposal && (
        <div className="floor-proposal">
          <span>
            {lineOf(proposal.action as FloorAction, names, t)}
            {proposal.begins && ` · ${t("screen.floor.begins", { time: timeOfDay(proposal.begins, zone) })}`}
          </span>
          {(proposal.effect ?? []).length > 0 && <Effects effects={proposal.effect ?? []} names={names} />}
        </div>
      )}
      <span className="floor-alert-acts">
        {proposal && ask && (
          <Button size="small" type="primary" onClick={() => ask(plain(proposal.action as FloorAction))}>
            {t.of(`screen.floor_verb.${proposal.action.kind}`, proposal.action.kind)}
          </Button>
        )}
        {alert.acknowledged_at ? (
          <span className="soft">
            ✓ {t("screen.floor.taken", { time: timeOfDay(alert.acknowledged_at, zone) })}
          </span>
        ) : (
          can(session, "floor", "edit") && (
            <Button size="small" loading={take.isPending} onClick={() => take.mutate()}>
              {t("screen.floor.take")}
            </Button>
          )
        )}
      </span>
    </li>
  );
}

/** An action of a proposal without the empty parts that the API would refuse. */
export function plain(action: FloorAction): FloorAction {
  return Object.fromEntries(
    Object.entries(action).filter(([, value]) => value !== "" && value !== 0 && value !== null),
  ) as unknown as FloorAction;
}

/** The pools, open or closed, and what each client takes of them. */
export function Pools({ floor }: { floor: Floor }) {
  const t = useText();
  const names = useNames(floor);
  const pools = (floor.pools ?? []).filter((pool) => pool.signed > 0 || pool.reserve);
  if (pools.length === 0) return null;
  return (
    <Block title={t("screen.floor.pools")}>
      <ul className="floor-pools">
        {pools.map((pool) => (
          <PoolRow key={pool.slug} pool={pool} name={names.pool(pool.slug)} />
        ))}
      </ul>
    </Block>
  );
}

function PoolRow({ pool, name }: { pool: FloorPool; name: string }) {
  const t = useText();
  const ask = useAsk();
  const clients = useClients();
  const zone = useZone();
  const used = (pool.use ?? []).filter((part) => part.agents > 0);
  const scale = Math.max(
    pool.ready,
    used.reduce((sum, part) => sum + part.agents, 0),
    1,
  );
  return (
    <li>
      <span className="floor-pool-head">
        <strong>{name}</strong>
        <span className="soft">
          {pool.reserve &&
            (pool.open
              ? pool.until
                ? t("screen.floor.pool_until", { time: timeOfDay(pool.until, zone) })
                : t("screen.floor.pool_open")
              : t("screen.floor.pool_closed"))}
        </span>
        <span>{t("screen.floor.pool_ready", { ready: pool.ready, signed: pool.signed })}</span>
        {pool.reserve && ask && (
          <Button
            size="small"
            onClick={() => ask({ kind: pool.open ? "close_pool" : "open_pool", pool: pool.slug })}
          >
            {t(pool.open ? "screen.floor_verb.close_pool" : "screen.floor_verb.open_pool")}
          </Button>
        )}
      </span>
      <span className="floor-pool-bar" aria-hidden>
        {used.map((part) => (
          <i
            key={part.client_id}
            style={{ width: `${(100 * part.agents) / scale}%`, background: clients.color(part.client_id) }}
          />
        ))}
      </span>
      {(pool.use ?? []).map((part) => (
        <span key={part.client_id} className="floor-pool-share">
          <ClientName name={clients.name(part.client_id)} color={clients.color(part.client_id)} />
          <span>
            {part.agents.toFixed(1)}
            {part.guarantee
              ? ` · ${t("screen.floor.guarantee", { share: percent(part.guarantee / 1000) })}`
              : ""}
            {part.cap ? ` · ${t("screen.floor.cap", { share: percent(part.cap / 1000) })}` : ""}
          </span>
        </span>
      ))}
    </li>
  );
}

/** What the month would cost in credits if it ended with today. */
export function Costs({ costs }: { costs: FloorCost[] }) {
  const t = useText();
  const clients = useClients();
  if (costs.length === 0) return null;
  return (
    <Block title={t("screen.floor.costs")}>
      <ul className="floor-costs">
        {costs.map((cost) => (
          <li key={cost.client_id}>
            <ClientName name={clients.name(cost.client_id)} color={clients.color(cost.client_id)} />
            <span>
              {share(cost.level.numerator, cost.level.denominator)} / {percent(cost.target)}
            </span>
            <strong className={Number(cost.credit_share) > 0 ? "floor-warning" : undefined}>
              {Number(cost.credit_share) > 0
                ? t("screen.floor.credit", { share: percent(cost.credit_share) })
                : t("screen.floor.no_credit")}
              {cost.amount && ` · ${money(cost.amount.value, cost.amount.currency)}`}
            </strong>
          </li>
        ))}
      </ul>
    </Block>
  );
}

/** What was done, with undo. */
export function Log({ floor }: { floor: Floor }) {
  const t = useText();
  const names = useNames(floor);
  const session = useSession();
  const zone = useZone();
  const log = useQuery(floorLogQuery);
  const undo = useUndo();
  const entries = log.data ?? [];
  if (entries.length === 0) return null;
  return (
    <Block title={t("screen.floor.log")}>
      <ul className="floor-log">
        {entries.slice(0, 8).map((entry) => (
          <li key={entry.id} data-undone={Boolean(entry.undone_at)}>
            <time>{timeOfDay(entry.done_at, zone)}</time>
            <span>
              {lineOf(entry.action as FloorAction, names, t)}
              {!entry.done_by && ` · ${t("screen.floor.by_policy")}`}
            </span>
            {entry.undone_at ? (
              <span className="soft">{t("screen.floor.undone")}</span>
            ) : (
              (entry.inverse ?? []).length > 0 &&
              can(session, "floor", "edit") && (
                <Button size="small" disabled={undo.isPending} onClick={() => undo.mutate(entry.id)}>
                  {t("screen.floor.undo")}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
    </Block>
  );
}
