import type { Plugin } from "vite";

/** The two parts of one language's catalogue. */
export function splitCatalogue(locale: string): {
  first: Record<string, string>;
  rest: Record<string, string>;
};

/** The Vite plugin that serves the parts. */
export function catalogues(): Plugin;
