import type { ThemeConfig } from "antd";
import { color } from "./tokens";

/** Fonts that the reader's machine already has, Latin first, then Chinese. */
export const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** Ant Design in muster's clothes: dense, quiet, one accent. */
export const theme: ThemeConfig = {
  cssVar: {},
  hashed: false,
  token: {
    fontFamily,
    fontSize: 13,
    sizeUnit: 4,
    borderRadius: 4,
    controlHeight: 30,
    colorPrimary: color.accent,
    colorInfo: color.accent,
    colorLink: color.accent,
    colorSuccess: color.good,
    colorWarning: color.watch,
    colorError: color.bad,
    // The soft grounds that Ant Design would mix from such dark colours are muddy.
    colorPrimaryBg: color.accentSoft,
    colorInfoBg: color.accentSoft,
    colorSuccessBg: "#e9f6ee",
    colorSuccessBorder: "#b5dcc4",
    colorWarningBg: "#fdf4e3",
    colorWarningBorder: "#ecd09b",
    colorErrorBg: "#fcedeb",
    colorErrorBorder: "#efb9b4",
    colorText: color.ink,
    colorTextSecondary: color.inkSoft,
    colorTextTertiary: color.inkFaint,
    colorTextDescription: color.inkSoft,
    colorTextPlaceholder: "#6b7580",
    colorBorder: color.lineStrong,
    colorBorderSecondary: color.line,
    colorBgLayout: color.ground,
    motionDurationMid: "0.12s",
    motionDurationSlow: "0.16s",
    wireframe: false,
  },
  components: {
    Table: {
      headerBg: color.ground,
      headerColor: color.inkSoft,
      headerSplitColor: "transparent",
      rowHoverBg: color.hover,
      cellPaddingBlockSM: 5,
      cellPaddingInlineSM: 10,
    },
    Tag: { defaultBg: color.ground },
    Button: { primaryShadow: "none", defaultShadow: "none" },
  },
};
