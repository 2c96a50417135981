import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { catalogues } from "./scripts/catalogues.mjs";

// The API a developer's server proxies to; MUSTER_URL points elsewhere.
const api = process.env.MUSTER_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), catalogues()],
  server: {
    port: 5173,
    proxy: { "/api": { target: api, changeOrigin: false } },
    // The message catalogues live outside this folder: Go reads them too.
    fs: { allow: ["..", "."] },
  },
  build: {
    target: "es2022",
    manifest: true,
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    css: false,
    maxWorkers: 2,
    // A limit for hangs, not a judgement of speed: machines are shared.
    testTimeout: 120_000,
  },
});
