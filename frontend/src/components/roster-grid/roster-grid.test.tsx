import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { RosterAgent, Shift } from "../../api/models";
import { daysBetween } from "../../format/time";
import { allTexts, startText } from "../../text/text";
import { RosterGrid } from "./roster-grid";

// jsdom has no layout: the board is told that it has the size of a laptop's screen.
beforeAll(async () => {
  localStorage.setItem("muster.locale", "en");
  await startText();
  await allTexts();
  for (const [name, size] of [
    ["clientWidth", 1200],
    ["clientHeight", 700],
    ["offsetWidth", 1200],
    ["offsetHeight", 700],
  ] as const)
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size });
  HTMLElement.prototype.scrollTo = () => {};
  HTMLCanvasElement.prototype.getContext = () => null;
});

const zone = "Asia/Shanghai";
const days = daysBetween("2026-11-23", "2026-12-21");
const agents: RosterAgent[] = Array.from({ length: 2000 }, (_, i) => ({
  id: `a${i}`,
  label: `S${1000 + i}`,
  name: `Agent ${i}`,
  team: i < 1000 ? "North" : "South",
}));
const shifts: Shift[] = agents.flatMap((agent) =>
  days.slice(0, 5).map((day) => ({
    id: `${agent.id} ${day}`,
    agent_id: agent.id,
    business_date: day,
    start: `${day}T00:00:00Z`,
    end: `${day}T08:00:00Z`,
    activities: [{ kind: "work", start: `${day}T00:00:00Z`, end: `${day}T08:00:00Z` }],
  })),
);

const held = new Map(shifts.map((shift) => [`${shift.agent_id}|${shift.business_date}`, shift]));

describe("roster board", () => {
  const onOpen = vi.fn();
  beforeEach(() => {
    onOpen.mockReset();
    render(
      <RosterGrid
        agents={agents}
        source={{ at: (agent, day) => held.get(`${agent}|${day}`) }}
        days={days}
        zone={zone}
        groupOf={(agent) => agent.team ?? ""}
        colorOf={() => "#000"}
        daysInView={7}
        onOpen={onOpen}
      />,
    );
  });
  const grid = () => screen.getByRole("grid");
  const current = () => {
    const cell = document.getElementById(grid().getAttribute("aria-activedescendant")!);
    return cell?.dataset.cell;
  };

  it("draws only what is in view, and says how much there is", () => {
    expect(grid().getAttribute("aria-rowcount")).toBe("2003");
    expect(grid().getAttribute("aria-colcount")).toBe("29");
    expect(screen.getAllByRole("gridcell").length).toBeLessThan(400);
    expect(within(grid()).getByText("North")).toBeTruthy();
  });

  it("shows a shift in the zone of the roster", () => {
    expect(screen.getAllByText("08:00–16:00").length).toBeGreaterThan(10);
  });

  it("moves by arrows from the first agent and opens a cell with Enter", async () => {
    grid().focus();
    expect(current()).toBe("1:0");
    await userEvent.keyboard("{ArrowDown}{ArrowRight}{ArrowRight}");
    expect(current()).toBe("2:2");
    await userEvent.keyboard("{Enter}");
    expect(onOpen).toHaveBeenCalledWith(
      agents[1],
      "2026-11-25",
      expect.objectContaining({ id: "a1 2026-11-25" }),
    );
  });

  it("selects a range with Shift and copies it for a spreadsheet", async () => {
    const user = userEvent.setup();
    grid().focus();
    await user.keyboard("{Shift>}{ArrowRight}{ArrowDown}{/Shift}");
    const selected = screen.getAllByRole("gridcell").filter((cell) => cell.ariaSelected === "true");
    expect(selected.map((cell) => cell.dataset.cell)).toEqual(["1:0", "1:1", "2:0", "2:1"]);
    await user.keyboard("{Control>}c{/Control}");
    expect(await navigator.clipboard.readText()).toBe("08:00-16:00\t08:00-16:00\n08:00-16:00\t08:00-16:00");
  });

  it("sets the cursor where one clicks and opens on a double click", () => {
    const cell = document.querySelector('[data-cell="4:3"]')!;
    fireEvent.mouseDown(cell);
    expect(current()).toBe("4:3");
    fireEvent.doubleClick(cell);
    expect(onOpen).toHaveBeenCalledWith(agents[3], "2026-11-26", expect.anything());
  });

  it("opens a day off without a shift", async () => {
    grid().focus();
    await userEvent.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}{Enter}");
    expect(onOpen).toHaveBeenCalledWith(agents[0], "2026-11-28", undefined);
  });
});
