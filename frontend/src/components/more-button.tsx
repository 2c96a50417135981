import { Button } from "antd";
import { useText } from "../text/text";

/** Fetches the next page of a list; absent when all is there. */
export function MoreButton(props: { list: { more?: () => void; loadingMore: boolean } }) {
  const t = useText();
  if (!props.list.more) return null;
  return (
    <Button onClick={props.list.more} loading={props.list.loadingMore}>
      {t("screen.action.more")}
    </Button>
  );
}
