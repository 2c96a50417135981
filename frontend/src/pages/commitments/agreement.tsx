import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import type { CommitmentTerms, LockStage } from "../../api/models";
import { commitmentTermsQuery } from "../../api/queries";
import { can } from "../../app/rights";
import { useSession } from "../../app/session";
import { DataTable } from "../../components/data-table";
import { Block } from "../../components/page-header";
import { dateLabel } from "../../format/time";
import { useText } from "../../text/text";
import { stageText, toleranceText } from "../forecast/commit-dialog";
import { TermsDialog } from "./terms-dialog";

/** What is agreed about forecasts: the fiscal month, the stages and their tolerances. */
export function Agreement({ clientId }: { clientId: string }) {
  const t = useText();
  const session = useSession();
  const terms = useQuery(commitmentTermsQuery(clientId)).data;
  const [editing, setEditing] = useState(false);
  if (!terms) return null;
  const [current] = terms;
  return (
    <Block
      flush={current !== undefined}
      title={t("screen.commitments.agreement")}
      extra={
        <>
          {current && (
            <span
              className="soft"
              title={t("screen.terms.history", { list: terms.map(versionText).join(", ") })}
            >
              {inForce(t, current)}
            </span>
          )}
          {can(session, "clients", "edit") && (
            <Button onClick={() => setEditing(true)}>{t("screen.terms.change")}</Button>
          )}
        </>
      }
    >
      {editing && <TermsDialog clientId={clientId} terms={terms} onClose={() => setEditing(false)} />}
      {!current ? (
        <p className="soft">{t("screen.commitments.no_agreement")}</p>
      ) : (
        <DataTable<LockStage>
          rowKey="key"
          dataSource={current.terms.stages ?? []}
          columns={[
            { title: t("screen.commit.stage"), render: (_, stage) => stageText(t, stage.key) },
            { title: t("screen.commitments.then"), render: (_, stage) => t(`screen.lock.${stage.allows}`) },
            {
              title: t("screen.commit.tolerance"),
              align: "right",
              render: (_, stage) => toleranceText(stage.below, stage.above),
            },
            { title: t("screen.commitments.grain"), render: (_, stage) => t(`screen.grain.${stage.grain}`) },
            {
              title: t("screen.commitments.per_queue"),
              render: (_, stage) =>
                t(stage.per_queue ? "screen.commitments.each_queue" : "screen.commitments.total_only"),
            },
          ]}
        />
      )}
    </Block>
  );
}

const versionText = (terms: CommitmentTerms) =>
  `${terms.version}: ${terms.valid_from} – ${terms.valid_to ?? ""}`;

function inForce(t: ReturnType<typeof useText>, terms: CommitmentTerms): string {
  return t("screen.commitments.in_force", {
    version: terms.version,
    from: dateLabel(`${terms.valid_from}T00:00:00Z`, "UTC"),
    day: terms.terms.fiscal_start_day,
  });
}
