import type { ReactNode } from "react";
import "./page-header.css";

/** A page's name, what qualifies it, and its one primary action at the right. */
export function PageHeader(props: { title: string; facts?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="page-header">
      <h1>{props.title}</h1>
      {props.facts && <div className="page-header-facts">{props.facts}</div>}
      <div className="page-header-actions">{props.actions}</div>
    </div>
  );
}

/** A figure with its name, in a row of its like. */
export function Fact(props: { name: string; children: ReactNode }) {
  return (
    <span className="fact">
      <span className="fact-name">{props.name}</span> <strong>{props.children}</strong>
    </span>
  );
}

/** A titled block of a page. */
export function Block(props: { title?: string; extra?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className={props.flush ? "block block-flush" : "block"}>
      {(props.title || props.extra) && (
        <div className="block-head">
          {props.title && <h2>{props.title}</h2>}
          <div className="block-extra">{props.extra}</div>
        </div>
      )}
      {props.children}
    </section>
  );
}
