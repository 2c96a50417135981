import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { allTexts, startText } from "../text/text";
import { Loaded, ProblemView } from "./states";

beforeAll(async () => {
  localStorage.setItem("muster.locale", "en");
  await startText();
  await allTexts();
});

describe("problem", () => {
  it("shows cause, code and request id, and offers another try", async () => {
    const retry = vi.fn();
    render(
      <ProblemView
        problem={
          new Problem({
            status: 404,
            code: "invoice.unknown",
            detail: "There is no such invoice.",
            requestId: "r-3",
          })
        }
        retry={retry}
      />,
    );
    const alert = screen.getByRole("alert").textContent;
    expect(alert).toContain("There is no such invoice.");
    expect(alert).toContain("invoice.unknown");
    expect(alert).toContain("r-3");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(retry).toHaveBeenCalledOnce();
  });

  it("has words for a server that was not reached", () => {
    render(<ProblemView problem={Problem.unreachable(new TypeError("fetch failed"))} />);
    expect(screen.getByRole("alert").textContent).toContain("The server was not reached");
  });
});

describe("defect", () => {
  it("is not passed off as a lost connection", () => {
    render(<ProblemView problem={new TypeError("x is undefined")} />);
    const alert = screen.getByRole("alert").textContent;
    expect(alert).toContain("screen_defect");
    expect(alert).not.toContain("The server was not reached");
  });
});

describe("loaded", () => {
  const query = { isPending: false, isError: false, error: null, refetch: () => {} };
  it("keeps showing data when a refresh failed", () => {
    render(
      <Loaded query={{ ...query, data: 5, isError: true, error: new Error("x") }}>
        {(n) => <p>value {n}</p>}
      </Loaded>,
    );
    expect(screen.getByText("value 5")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("shows the failure when there is nothing else", () => {
    render(
      <Loaded
        query={{
          ...query,
          data: undefined,
          isError: true,
          error: new Problem({ status: 503, code: "busy" }),
        }}
      >
        {() => <p>never</p>}
      </Loaded>,
    );
    expect(screen.getByRole("alert").textContent).toContain("The service is busy");
  });
});
