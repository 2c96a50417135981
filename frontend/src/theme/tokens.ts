/** Our colours: neutral greys, one accent, and statuses that also carry a word and a shape. */
export const color = {
  ink: "#17212b",
  inkSoft: "#55616d",
  inkFaint: "#6b7580",
  line: "#e3e7ea",
  lineStrong: "#c9d0d6",
  ground: "#f5f7f8",
  surface: "#ffffff",
  hover: "#eef2f3",
  accent: "#0b6e69",
  accentSoft: "#e2f1f0",
  good: "#1a7f4b",
  watch: "#9a5b00",
  bad: "#b3261e",
  unknown: "#5b6670",
} as const;

/**
 * Okabe and Ito's categorical colours, readable with every common colour vision.
 * Black is left out: it is the ink.
 */
export const clientPalette = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#f0e442",
] as const;

/** Colours of activities that are nobody's contact work. */
export const activityColor: Record<string, string> = {
  break: "#ffffff",
  meal: "#ffffff",
  training: "#8d99a4",
  meeting: "#b4bdc5",
};
