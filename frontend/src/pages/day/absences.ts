import type { Shift } from "../../api/models";
import type { Board, BoardAgent } from "../roster/board";

/** Somebody who works on the day. */
export interface Working {
  agent: BoardAgent;
  shift: Shift;
}

/** Who works on a day and has not gone home yet, in order of their start. */
export function workingOn(board: Board, day: string, now: number): Working[] {
  return board.agents
    .flatMap((agent): Working[] => {
      const shift = board.at(agent.id, day);
      return shift && Date.parse(shift.end) > now ? [{ agent, shift }] : [];
    })
    .sort((a, b) => a.shift.start.localeCompare(b.shift.start) || a.agent.label.localeCompare(b.agent.label));
}

/** What a pasted list says: people found, and words that name nobody or several. */
export interface Resolved {
  found: Working[];
  unknown: string[];
  ambiguous: string[];
}

const plain = (text: string) => text.trim().toLowerCase();

/** Finds people by number, label or name in a list with lines, commas, semicolons or tabs. */
export function resolve(text: string, working: Working[]): Resolved {
  const byKey = new Map<string, Working[]>();
  for (const one of working)
    for (const key of new Set([plain(one.agent.number), plain(one.agent.label), plain(one.agent.name)]))
      if (key) byKey.set(key, [...(byKey.get(key) ?? []), one]);
  const out: Resolved = { found: [], unknown: [], ambiguous: [] };
  const taken = new Set<string>();
  const take = (one: Working) => {
    if (!taken.has(one.agent.id)) out.found.push(one);
    taken.add(one.agent.id);
  };
  for (const line of text.split(/[\n\r,;，；、\t]+/)) {
    const word = plain(line);
    if (!word) continue;
    // "1086 Anna Nowak": a number before the name says enough.
    const matches = byKey.get(word) ?? byKey.get(word.split(/\s+/)[0]!) ?? [];
    if (matches.length === 1) take(matches[0]!);
    else (matches.length === 0 ? out.unknown : out.ambiguous).push(line.trim());
  }
  return out;
}

/** People whose number, label or name contains what was typed. */
export function search(text: string, working: Working[]): Working[] {
  const word = plain(text);
  return word === ""
    ? working
    : working.filter(({ agent }) =>
        [agent.number, agent.label, agent.name].some((field) => plain(field).includes(word)),
      );
}
