import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import type { Desk } from "../../api/models";
import { Problem } from "../../api/problem";
import { deskQuery } from "../../api/queries";
import { problemText } from "../../components/states";
import { useText } from "../../text/text";

/** Something an agent does that answers with the desk as it is afterwards. */
export function useDeskAction<A>(call: (argument: A) => Promise<Desk>, done?: () => void) {
  const t = useText();
  const queries = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: call,
    onSuccess: (desk) => {
      queries.setQueryData(deskQuery.queryKey, desk);
      done?.();
    },
    onError: (cause) => {
      void message.error(problemText(t, Problem.of(cause)));
      void queries.invalidateQueries({ queryKey: deskQuery.queryKey });
    },
  });
}
