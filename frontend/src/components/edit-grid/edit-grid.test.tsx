import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { EditGrid } from "./edit-grid";
import type { GridRow } from "./model";

const rows: GridRow[] = [
  {
    key: "a",
    name: "Actual",
    label: "Actual",
    cells: [1, 2].map((v) => ({ text: v, value: v, editable: false })),
  },
  {
    key: "f",
    name: "Forecast",
    label: "Forecast",
    cells: [10, 20].map((v) => ({ text: v, value: v, editable: true })),
  },
];
const columns = [
  { key: "mon", head: "Mon" },
  { key: "tue", head: "Tue" },
];

function show() {
  const handlers = { onEdit: vi.fn(), onUndo: vi.fn(), onRedo: vi.fn(), onRefused: vi.fn() };
  render(<EditGrid label="Days" corner="" columns={columns} rows={rows} height={300} {...handlers} />);
  const grid = screen.getByRole("grid", { name: "Days" });
  grid.focus();
  return { grid, ...handlers };
}

describe("edit grid", () => {
  it("begins at the first figure that may be changed, and edits by keyboard", async () => {
    const { onEdit, grid } = show();
    await userEvent.keyboard("{ArrowRight}{Enter}");
    const input = screen.getByRole("textbox", { name: "Forecast" });
    await userEvent.clear(input);
    await userEvent.type(input, "1,250{Enter}");
    expect(onEdit).toHaveBeenCalledExactlyOnceWith([{ row: 1, col: 1, value: 1250 }]);
    expect(document.activeElement).toBe(grid);
  });

  it("starts over with the digit that was typed, and forgets it on Escape", async () => {
    const { onEdit } = show();
    await userEvent.keyboard("7");
    expect(screen.getByRole<HTMLInputElement>("textbox").value).toBe("7");
    await userEvent.keyboard("{Escape}");
    expect(onEdit).not.toHaveBeenCalled();
    expect(screen.queryByRole("textbox")).toBeNull();
  });

  it("does not edit what is only to be read", async () => {
    show();
    await userEvent.keyboard("{ArrowUp}{Enter}5");
    expect(screen.queryByRole("textbox")).toBeNull();
  });

  it("exchanges with a spreadsheet", () => {
    const { grid, onEdit, onRefused } = show();
    fireEvent.paste(grid, { clipboardData: { getData: () => "11\t21\t31" } });
    expect(onEdit).toHaveBeenCalledWith([
      { row: 1, col: 0, value: 11 },
      { row: 1, col: 1, value: 21 },
    ]);
    expect(onRefused).toHaveBeenCalledWith(1);
    fireEvent.keyDown(grid, { key: "ArrowRight", shiftKey: true });
    const setData = vi.fn();
    fireEvent.copy(grid, { clipboardData: { setData } });
    expect(setData).toHaveBeenCalledWith("text/plain", "10\t20");
  });

  it("undoes and redoes", async () => {
    const { onUndo, onRedo } = show();
    await userEvent.keyboard("{Control>}z{/Control}{Control>}y{/Control}");
    expect(onUndo).toHaveBeenCalledOnce();
    expect(onRedo).toHaveBeenCalledOnce();
  });
});
