import { lazy, Suspense } from "react";
import { isAgent } from "../../app/rights";
import { useSession } from "../../app/session";
import { PageSkeleton } from "../../components/states";
import { allTexts } from "../../text/text";

const OfficeHome = lazy(() => import("./office"));
const AgentDay = lazy(async () => {
  const [day] = await Promise.all([import("../agent/day"), allTexts()]);
  return day;
});

/** The first minute of everybody's day. */
export default function Home() {
  const Day = isAgent(useSession()) ? AgentDay : OfficeHome;
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Day />
    </Suspense>
  );
}
