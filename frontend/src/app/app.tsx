import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App as AntApp, ConfigProvider, type ConfigProviderProps } from "antd";
import antEn from "antd/locale/en_US";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { whenSignedOut } from "../api/client";
import { Problem } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { ProblemView } from "../components/states";
import { theme } from "../theme/theme";
import { ChangePassword } from "./change-password";
import { router } from "./router";
import { SessionProvider } from "./session";
import { SignIn } from "./sign-in";

type AntLocale = ConfigProviderProps["locale"];

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only a lost connection or a busy server is worth another try.
      retry: (failures, cause) => {
        const status = Problem.of(cause).status;
        return failures < 2 && (status === 0 || status === 503);
      },
    },
  },
});

/** Ant Design's own texts; Chinese is fetched only for those who read it. */
function useAntLocale(): AntLocale {
  const { i18n } = useTranslation();
  const [locale, setLocale] = useState<AntLocale>(antEn);
  useEffect(() => {
    let live = true;
    if (i18n.language === "en") setLocale(antEn);
    else void import("antd/locale/zh_CN").then((m) => live && setLocale(m.default));
    return () => {
      live = false;
    };
  }, [i18n.language]);
  return locale;
}

/** The whole application. */
export function App() {
  return (
    <ConfigProvider
      theme={theme}
      locale={useAntLocale()}
      button={{ autoInsertSpace: false }}
      componentSize="small"
    >
      <AntApp component={false}>
        <QueryClientProvider client={queries}>
          <Gate />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}

/** Sign-in for strangers, the shell for everybody else. */
function Gate() {
  const session = useQuery(sessionQuery);
  useEffect(() => {
    whenSignedOut(() => queries.setQueryData(sessionQuery.queryKey, null));
  }, []);
  if (session.isPending) return null;
  if (session.isError) return <ProblemView problem={session.error} retry={() => void session.refetch()} />;
  if (!session.data) return <SignIn />;
  if (session.data.user.must_change) return <ChangePassword />;
  return (
    <SessionProvider value={session.data}>
      <RouterProvider router={router} />
    </SessionProvider>
  );
}
