import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { client, unwrap } from "../../api/client";
import type { Plan, TierAnswer } from "../../api/models";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { Block } from "../../components/page-header";
import { ProblemView } from "../../components/states";
import { count, percent } from "../../format/number";
import { dayLabel, timeOfDay } from "../../format/time";
import { useText } from "../../text/text";

/** Splits an interval's requirement between tiers: bounds by formula, seats by simulation. */
export function Tiers({ plan, at, zone }: { plan: Plan; at: string | undefined; zone: string }) {
  const t = useText();
  const session = useSession();
  const settle = useMutation({
    mutationFn: async () => {
      const question = await unwrap(
        client.GET("/api/v1/staffing/plans/{id}/tier-question", {
          params: { path: { id: plan.id }, query: { at } },
        }),
      );
      return { at, answer: await unwrap(client.POST("/api/v1/staffing/tiers", { body: question })) };
    },
  });
  if (!can(session, "staffing", "edit")) return null;
  return (
    <Block title={t("screen.tiers.title")}>
      {settle.data ? (
        <Answer answer={settle.data.answer} />
      ) : (
        <p className="soft">{t("screen.tiers.help")}</p>
      )}
      {settle.isError && <ProblemView problem={settle.error} />}
      <div style={{ marginTop: 8 }}>
        <Button disabled={!at} loading={settle.isPending} onClick={() => settle.mutate()}>
          {at
            ? t("screen.tiers.split", { time: `${dayLabel(at, zone)} ${timeOfDay(at, zone)}` })
            : t("screen.tiers.choose")}
        </Button>
      </div>
    </Block>
  );
}

function Answer({ answer }: { answer: TierAnswer }) {
  const t = useText();
  const tiers = new Map<string, number>();
  for (const group of answer.groups ?? []) tiers.set(group.tier, (tiers.get(group.tier) ?? 0) + group.seats);
  const row = (name: string, value: string, strong = false) => (
    <div key={name}>
      <dt>{name}</dt>
      <dd>{strong ? <strong>{value}</strong> : value}</dd>
    </div>
  );
  return (
    <>
      <dl className="reason">
        {["junior", "middle", "expert"]
          .filter((tier) => tiers.has(tier))
          .map((tier) => row(t.of(`screen.tier.${tier}`, tier), count(tiers.get(tier)), true))}
        {row(t("screen.tiers.seats"), count(answer.seats), true)}
        {row(t("screen.tiers.pooled"), count(answer.pooled))}
        {row(t("screen.tiers.separate"), count(answer.separate))}
        {(answer.queues ?? []).map((queue) => row(queue.queue, percent(queue.service_level)))}
      </dl>
      <p className="soft">
        {t(answer.met ? "screen.tiers.met" : "screen.tiers.missed", { count: count(answer.simulations) })}
      </p>
    </>
  );
}
