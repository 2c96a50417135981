import { usePageFrame } from "../../app/frame";
import { Block, PageHeader } from "../../components/page-header";
import { deviceZone } from "../../format/time";
import { useText } from "../../text/text";
import { AuditTable } from "./audit-table";

/** Who changed what and when, newest first. */
export default function AuditPage() {
  const t = useText();
  usePageFrame("none", undefined, deviceZone());
  return (
    <>
      <PageHeader title={t("screen.page.audit")} />
      <Block flush>
        <AuditTable />
      </Block>
    </>
  );
}
