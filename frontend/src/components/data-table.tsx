import { Table, type TableProps } from "antd";
import { useEffect, useRef } from "react";

/**
 * A table of records in our density. Where it is wider than its place it
 * scrolls, and what scrolls can be reached by keyboard.
 */
export function DataTable<T extends object>(props: TableProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    for (const part of box.current?.querySelectorAll<HTMLElement>(".ant-table-content, .ant-table-body") ??
      [])
      part.tabIndex = 0;
  });
  return (
    <div ref={box}>
      <Table<T> size="small" pagination={false} scroll={{ x: "max-content" }} {...props} />
    </div>
  );
}
