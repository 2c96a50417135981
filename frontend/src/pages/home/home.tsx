import { useSession } from "../../app/session";
import { isAgent } from "../../app/rights";
import AgentDay from "../agent/day";
import { OfficeHome } from "./office";

/** The first minute of everybody's day. */
export default function Home() {
  return isAgent(useSession()) ? <AgentDay /> : <OfficeHome />;
}
